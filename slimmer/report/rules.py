"""The packs and their components, for people, and what each would drop from a tree."""

from __future__ import annotations

import click

from slimmer.build.report import Count
from slimmer.decide.ownership import OwnedTree
from slimmer.decide.selection import may_drop_own
from slimmer.model.rules import Action
from slimmer.model.tree import Kind
from slimmer.report.terminal import table
from slimmer.rules.engine import Ruleset
from slimmer.rules.packs import Component, Pack
from slimmer.sizes import size_text
from slimmer.text import printable


def rules_text(ruleset: Ruleset, owned: OwnedTree | None) -> str:
    """Return a table for each pack, coloured; of a tree, for each pack that has a root in it."""
    roots = owned.roots if owned else {pack.name: () for pack in ruleset.packs}
    parts = []
    for pack in ruleset.packs:
        lines = [_heading(pack, roots[pack.name], in_tree=owned is not None)]
        if owned is None:
            lines += [*_plain(pack, ruleset), ""]
        elif roots[pack.name]:
            lines += [*_counted(pack, ruleset, owned), ""]
        parts += lines
    return "".join(f"{line}\n" for line in parts)


def _heading(pack: Pack, roots: tuple[str, ...], *, in_tree: bool) -> str:
    where = ""
    if in_tree:
        names = ", ".join(printable(root) or "the tree itself" for root in roots)
        where = f", rooted at {names}" if roots else ", not in this tree"
    return f"{click.style(pack.name, bold=True)}: {pack.title}  ({pack.source}){where}"


def _plain(pack: Pack, ruleset: Ruleset) -> list[str]:
    rows = [
        (_mark(c, ruleset), c.name, c.switched_by, _whose(c), _public(c), _evidence(c), c.why)
        for c in pack.components
    ]
    header = ("", "component", "tier", "of", "public", "evidence", "why")
    return table(header, rows, frozenset({0, 1, 2, 3, 4, 5, 6}))


def _public(component: Component) -> str:
    """Return whether a function could use what a component drops."""
    return "public" if component.public else "-"


def _evidence(component: Component) -> str:
    """Return what must hold where a component drops; a project's own words need none."""
    return " ".join(component.evidence) or "-"


def _whose(component: Component) -> str:
    """Return whose files a component drops."""
    return "any" if may_drop_own(component) else "installed"


def _counted(pack: Pack, ruleset: Ruleset, owned: OwnedTree) -> list[str]:
    rows = []
    for component in pack.components:
        count = _alone(component, ruleset, owned)
        of_it = (f"{count.files:,}", size_text(count.size_bytes), _whose(component))
        cells = (component.name, component.switched_by, *of_it, _public(component))
        rest = (_evidence(component), component.why)
        rows.append((_mark(component, ruleset), *cells, *rest))
    header = ("", "component", "tier", "files", "unzipped", "of", "public", "evidence", "why")
    return table(header, rows, frozenset({0, 1, 2, 5, 6, 7, 8}))


def _mark(component: Component, ruleset: Ruleset) -> str:
    return "*" if component.name in ruleset.active else ""


def _alone(component: Component, ruleset: Ruleset, owned: OwnedTree) -> Count:
    """Return what a component would drop if it were the only one switched on."""
    name = frozenset({component.name})
    alone = Ruleset(ruleset.packs, name, of_own=name if may_drop_own(component) else frozenset())
    verdicts = owned.decide(owned.tree.entries, alone)
    count = Count()
    for entry in owned.tree.entries:
        if verdicts[entry.path].action is Action.DROP and entry.kind is not Kind.DIRECTORY:
            count = count.plus(1, entry.size_bytes)
    return count
