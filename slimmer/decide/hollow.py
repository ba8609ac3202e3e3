"""Modules of a Java runtime that a shrink leaves hollow, unless they have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from slimmer.decide.shrunk import may_go, stale
from slimmer.ecosystems.java.hollow import Hollowable, hollowable
from slimmer.ecosystems.java.module_facts import load_module_facts
from slimmer.formats import FormatError
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Verdict
from slimmer.model.shrunk import Shrunk, ShrunkUnit
from slimmer.sizes import count_text, size_text
from slimmer.text import and_more, printable


class HollowModule(NamedTuple):
    """A module that ships without its bytes."""

    module: str
    packages: frozenset[str]
    #: The file and line that say so.
    place: str


@dataclass(frozen=True)
class HollowModules:
    """The modules of each list of modules, and what there is to say of it."""

    by_path: Mapping[str, tuple[HollowModule, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def packages(self) -> dict[str, str]:
        """The packages whose classes are missed, each with the file and line that say so."""
        every = (module for modules in self.by_path.values() for module in modules)
        return {package: each.place for each in every for package in each.packages}


NONE_HOLLOW = HollowModules()


def hollow_modules(
    shrunk: Shrunk, verdicts: Mapping[str, Verdict], read: Callable[[str], bytes]
) -> HollowModules:
    """Return what ships hollow. Raises what ``read`` raises."""
    rows: dict[str, list[ShrunkUnit]] = {}
    for row in shrunk.units:
        if row.inside:
            rows.setdefault(row.inside, []).append(row)
    found: dict[str, tuple[HollowModule, ...]] = {}
    findings: list[Finding] = []
    facts = load_module_facts() if rows else None
    for path, mine in sorted(rows.items()):
        known: Mapping[str, Hollowable] = {}
        if facts and path in verdicts and may_go(verdicts[path]):
            try:
                known = hollowable(read(path), facts)
            except FormatError:
                known = {}
        named = [(row, known.get(row.unit.partition("/")[2])) for row in mine]
        findings += [
            stale(row, is_there=each is not None)
            for row, each in named
            if each is None or each.digest != row.digest
        ]
        hollow = [(row, each) for row, each in named if each is not None]
        if hollow:
            found[path] = tuple(HollowModule(e.module, e.packages, row.place) for row, e in hollow)
            findings.append(_said(path, [each for _, each in hollow]))
    return HollowModules(found, tuple(findings))


def _said(path: str, modules: list[Hollowable]) -> Finding:
    size = size_text(sum(each.size_bytes for each in modules))
    names = and_more([each.module for each in modules])
    return finding(
        "shrink-modules",
        f"{printable(path)}: {count_text(len(modules), 'module')} without bytes, {size}: {names}; "
        "the file keeps its length, which an archive of shared classes states",
    )
