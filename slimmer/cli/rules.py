"""``slim rules``: the packs and components, and what each would drop from a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slimmer.build.report import Count
from slimmer.cli.options import deciding, settings_from
from slimmer.cli.paths import PATH
from slimmer.decide.selection import select
from slimmer.errors import EXIT_OK
from slimmer.inputs.folder import scan
from slimmer.model.tree import Kind, Tree
from slimmer.report.terminal import table
from slimmer.rules.engine import Ruleset, decide, find_roots, place_packs
from slimmer.rules.packs import Component, Pack, load_packs
from slimmer.sizes import size_text
from slimmer.text import printable


@click.command(short_help="List the rule packs and their components.")
@click.argument("tree", type=PATH, required=False)
@deciding
def rules(tree: Path | None, **deciding_options: Any) -> int:
    """List the packs and components; with TREE also what each would drop from it.

    What a component would drop is counted for it alone, before any guard: two components
    may name the same files. A star marks those that are switched on.
    """
    settings = settings_from(**deciding_options)
    picture = scan(tree).tree if tree is not None else Tree(())
    ruleset = select(load_packs(), settings, picture)
    roots = find_roots(picture, ruleset.packs)
    for pack in ruleset.packs:
        click.echo(_heading(pack, roots[pack.name], in_tree=tree is not None))
        if tree is None:
            click.echo("\n".join(_plain(pack, ruleset)) + "\n")
        elif roots[pack.name]:
            click.echo("\n".join(_counted(pack, ruleset, picture, roots)) + "\n")
    return EXIT_OK


def _heading(pack: Pack, roots: tuple[str, ...], *, in_tree: bool) -> str:
    where = ""
    if in_tree:
        names = ", ".join(printable(root) or "the tree itself" for root in roots)
        where = f", rooted at {names}" if roots else ", not in this tree"
    return f"{click.style(pack.name, bold=True)}: {pack.title}  ({pack.source}){where}"


def _plain(pack: Pack, ruleset: Ruleset) -> list[str]:
    rows = [(_mark(c, ruleset), c.name, c.tier.label, c.why) for c in pack.components]
    return table(("", "component", "tier", "why"), rows, frozenset({0, 1, 2, 3}))


def _counted(
    pack: Pack, ruleset: Ruleset, tree: Tree, roots: dict[str, tuple[str, ...]]
) -> list[str]:
    rows = []
    for component in pack.components:
        count = _alone(component, ruleset, tree, roots)
        cells = (f"{count.files:,}", size_text(count.size_bytes), component.why)
        rows.append((_mark(component, ruleset), component.name, component.tier.label, *cells))
    header = ("", "component", "tier", "files", "unzipped", "why")
    return table(header, rows, frozenset({0, 1, 2, 5}))


def _mark(component: Component, ruleset: Ruleset) -> str:
    return "*" if component.name in ruleset.active else ""


def _alone(
    component: Component, ruleset: Ruleset, tree: Tree, roots: dict[str, tuple[str, ...]]
) -> Count:
    """Return what a component would drop if it were the only one switched on."""
    alone = Ruleset(ruleset.packs, frozenset({component.name}))
    verdicts = decide(tree.entries, place_packs(roots, alone))
    count = Count()
    for entry in tree.entries:
        if verdicts[entry.path].dropped and entry.kind is not Kind.DIRECTORY:
            count = count.plus(1, entry.size_bytes)
    return count
