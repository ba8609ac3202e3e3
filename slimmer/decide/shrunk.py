"""What ``slim shrink`` proposed and the user took over: dropped, unless the tree has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slimmer.ecosystems.distribution.records import goes_last
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.shrunk import Shrunk, ShrunkUnit, unit_digest
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.text import printable

PREFIX = "shrink/"


@dataclass(frozen=True)
class ShrunkDrops:
    """What goes, and what there is to say of it."""

    drops: dict[str, Verdict] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def units_of(tree: Tree, owners: Mapping[str, str]) -> dict[str, list[Entry]]:
    """Return the files and links of each unit that an installer wrote."""
    units: dict[str, list[Entry]] = {}
    for entry in tree.entries:
        owner = owners.get(entry.path, OWN)
        if owner != OWN and entry.kind is not Kind.DIRECTORY:
            units.setdefault(owner, []).append(entry)
    return units


def shrunk_drops(
    shrunk: Shrunk, tree: Tree, owners: Mapping[str, str], verdicts: Mapping[str, Verdict]
) -> ShrunkDrops:
    """Return the drops of what is still kept, and a warning for each unit that has changed.

    Of a changed unit only the whole is dropped: which of its files a new release needs is not
    known.
    """
    if not shrunk.units:
        return ShrunkDrops()
    units = units_of(tree, owners)
    drops: dict[str, Verdict] = {}
    findings: list[Finding] = []
    for row in (row for row in shrunk.units if not row.inside):
        entries = units.get(row.unit, [])
        is_same = unit_digest(entries) == row.digest
        if not is_same:
            findings.append(stale(row, is_there=bool(entries)))
        if not row.paths or is_same:
            verdict = Verdict(Action.DROP, _rule(row))
            named = frozenset(row.paths)
            going = (e.path for e in entries if not named or e.path in named)
            going = (path for path in going if not goes_last(path, row.unit))
            drops |= {path: verdict for path in going if may_go(verdicts[path])}
    return ShrunkDrops(drops, tuple(findings))


def may_go(verdict: Verdict) -> bool:
    """Return whether a kept path may be dropped: the user's own word keeps it."""
    return verdict.kept and not verdict.kept_by_user


def _rule(row: ShrunkUnit) -> Rule:
    name = row.unit.partition("/")[2]
    title = f"parts of {row.unit}" if row.paths else row.unit
    return Rule(f"{PREFIX}{name}", Action.DROP, row.unit, row.why, row.place, title)


def stale(row: ShrunkUnit, *, is_there: bool) -> Finding:
    """Return the warning that a unit is not what it was when slim shrink saw it."""
    if not is_there:
        what = "is not in the tree any more"
    elif row.paths:
        what = "has changed since slim shrink saw it, so all its files are kept"
    else:
        what = "has changed since slim shrink saw it, and is dropped as before"
    return finding(
        "shrink-stale", f"{row.place}: {printable(row.unit)} {what}; run slim shrink again"
    )
