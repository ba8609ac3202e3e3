"""The packs and their components, for people, and what each would drop from a tree."""

from __future__ import annotations

from collections.abc import Mapping

import click

from slimmer.build.report import Count
from slimmer.model.rules import Action
from slimmer.model.tree import Kind, Tree
from slimmer.report.terminal import table
from slimmer.rules.engine import Ruleset, decide, find_roots, place_packs
from slimmer.rules.packs import Component, Pack
from slimmer.sizes import size_text
from slimmer.text import printable

Roots = Mapping[str, tuple[str, ...]]


def rules_text(ruleset: Ruleset, tree: Tree | None) -> str:
    """Return a table for each pack, coloured; of a tree, for each pack that has a root in it."""
    roots = find_roots(tree or Tree(()), ruleset.packs)
    parts = []
    for pack in ruleset.packs:
        lines = [_heading(pack, roots[pack.name], in_tree=tree is not None)]
        if tree is None:
            lines += [*_plain(pack, ruleset), ""]
        elif roots[pack.name]:
            lines += [*_counted(pack, ruleset, tree, roots), ""]
        parts += lines
    return "".join(f"{line}\n" for line in parts)


def _heading(pack: Pack, roots: tuple[str, ...], *, in_tree: bool) -> str:
    where = ""
    if in_tree:
        names = ", ".join(printable(root) or "the tree itself" for root in roots)
        where = f", rooted at {names}" if roots else ", not in this tree"
    return f"{click.style(pack.name, bold=True)}: {pack.title}  ({pack.source}){where}"


def _plain(pack: Pack, ruleset: Ruleset) -> list[str]:
    rows = [(_mark(c, ruleset), c.name, c.tier.label, c.why) for c in pack.components]
    return table(("", "component", "tier", "why"), rows, frozenset({0, 1, 2, 3}))


def _counted(pack: Pack, ruleset: Ruleset, tree: Tree, roots: Roots) -> list[str]:
    rows = []
    for component in pack.components:
        count = _alone(component, ruleset, tree, roots)
        cells = (f"{count.files:,}", size_text(count.size_bytes), component.why)
        rows.append((_mark(component, ruleset), component.name, component.tier.label, *cells))
    header = ("", "component", "tier", "files", "unzipped", "why")
    return table(header, rows, frozenset({0, 1, 2, 5}))


def _mark(component: Component, ruleset: Ruleset) -> str:
    return "*" if component.name in ruleset.active else ""


def _alone(component: Component, ruleset: Ruleset, tree: Tree, roots: Roots) -> Count:
    """Return what a component would drop if it were the only one switched on."""
    alone = Ruleset(ruleset.packs, frozenset({component.name}))
    verdicts = decide(tree.entries, place_packs(roots, alone))
    count = Count()
    for entry in tree.entries:
        if verdicts[entry.path].action is Action.DROP and entry.kind is not Kind.DIRECTORY:
            count = count.plus(1, entry.size_bytes)
    return count
