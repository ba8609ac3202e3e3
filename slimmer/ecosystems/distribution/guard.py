"""The guard of packages: what was dropped as an orphan and is needed comes back, whole.

Another guard brings back a library that a kept program is linked to; the rest of its package comes
along, and what that needs. Files that no package placed are asked by name too: a script or a
program of the user's own may start a program, or open a library, that no header names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.distribution.names import BIN, said_in
from slimmer.ecosystems.distribution.orphans import ORPHANS
from slimmer.ecosystems.distribution.records import STAYS, is_paper
from slimmer.ecosystems.own_texts import ACCOUNTS, is_for_people
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, name_of, parents

_LIBRARY = re.compile(r"(lib[^/]+?)\.so(?:\..*)?")
_TRANSLATIONS = "image/translations"
_LOCALES = "usr/share/locale"
_PLAIN = ("", "C", "POSIX")


class PackagesGuard:
    """Knows the packages of one tree, and what the files that none placed say."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._records = context.package_records

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the packages that were dropped as orphans and that something kept needs."""
        yield from self._locales(verdicts)
        dropped: dict[str, list[str]] = {}
        if any(_is_by(verdict, ORPHANS) for verdict in verdicts.values()):
            for name, paths in self._records.files.items():
                if paths and (gone := [p for p in paths if _is_by(verdicts[p], ORPHANS)]):
                    dropped[name] = gone
        if not dropped:
            return
        for name in self._records.packages:
            works = self._records.works(name)
            kept = next((p for p in works if self._records.has_left(p, verdicts)), "")
            if not kept:
                continue
            needed = self._records.needed(name, with_liked=False)
            for asked in sorted({name, *needed} & dropped.keys()):
                yield _reference(kept, asked, dropped[asked], "Depends")
        for name, gone in dropped.items():
            if source := self._named(gone, verdicts):
                yield _reference(source, name, gone, "its name")

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what is needed comes back."""
        yield from ()

    def _named(self, paths: Iterable[str], verdicts: Mapping[str, Verdict]) -> str:
        """Return a kept file that no package placed and that names a program or library."""
        names = {name for path in paths for name in _names(path)}
        for name in sorted(names & self._sources.keys()):
            if source := next((p for p in self._sources[name] if verdicts[p].kept), ""):
                return source
        return ""

    @cached_property
    def _sources(self) -> dict[str, list[str]]:
        """The files that no package placed, by what they name."""
        tree, read = self._context.tree, self._context.read
        placed = {path for paths in self._records.files.values() for path in paths}
        placed |= ACCOUNTS | STAYS
        works = [path for paths in self._records.files.values() for path in paths]
        known = {name for path in works for name in _names(path)}
        programs = {name_of(path) for path in works if BIN.fullmatch(folder_of(path))}
        found: dict[str, list[str]] = {}
        for entry in tree.entries:
            path = entry.path
            if entry.kind is not Kind.FILE or path in placed or is_paper(path):
                continue
            if not is_for_people(entry):
                data = read(entry.path)
                for name in known.intersection(said_in(entry.path, data, programs)):
                    found.setdefault(name, []).append(entry.path)
        return found

    def _locales(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the messages of the language that the image's environment says."""
        started = self._context.started
        for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE") if started else ():
            said = started.variable(variable) if started else ""
            for each in said.split(":"):
                locale = each.partition(".")[0].partition("@")[0]
                for name in {locale, locale.partition("_")[0]} - {*_PLAIN}:
                    folder = f"{_LOCALES}/{name}"
                    below = self._context.tree.below(folder)
                    gone = [e.path for e in below if _is_by(verdicts[e.path], _TRANSLATIONS)]
                    if gone:
                        yield _reference(f"{variable}={each}", name, gone, "Env")


def _reference(source: str, needs: str, members: list[str], how: str) -> Reference:
    folders = list(parents(members[0]))
    top = next((f for f in folders if all(m.startswith(f"{f}/") for m in members)), members[0])
    return Reference(source, needs, top, certain=True, how=how, members=tuple(members))


def _names(path: str) -> Iterator[str]:
    """Yield the names by which a program starts or opens what a package placed."""
    name = name_of(path)
    if BIN.fullmatch(folder_of(path)):
        yield name
    elif found := _LIBRARY.fullmatch(name):
        yield name
        yield found[1]
        yield found[1].removeprefix("lib")


def _is_by(verdict: Verdict, component: str) -> bool:
    return verdict.dropped and verdict.rule is not None and verdict.rule.component == component
