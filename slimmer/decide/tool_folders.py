"""What development tools wrote into folders of their own: dropped whole, unless a file names it.

A pack says so of a component (``own = true``). Nothing that runs is looked for in there: an import
does not bring back what a deploy tool copied. Only a file of the user's own that names the folder
does; what is only read where a project is written, built, tested or deployed does not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from slimmer.decide.ownership import OwnedTree
from slimmer.decide.rescue import IsRefused
from slimmer.ecosystems.own_texts import tool_of, writing_of
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Reference, Rule, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.paths import name_of, parents
from slimmer.rules.packs import Component
from slimmer.rules.patterns import is_literal

GUARD = "own"  # what its rescues are called
_ALWAYS = "/always"  # of the rules that keep whatever any pack says
_OF_TOOLS = re.compile(  # what only a development tool reads, beside what tool_of knows
    r"(?:cypress|eslint|karma|nuxt|playwright|prettier|rollup|svelte|vite|vitest|webpack)"
    r"\.conf(?:ig)?\.[cm]?[jt]s|(?:noxfile|conftest|setup)\.py"
)


class ToolFolders:
    """Knows what of a tree is dropped as the work of a development tool; a guard."""

    def __init__(
        self, owned: OwnedTree, components: Iterable[Component], read: Callable[[str], bytes]
    ) -> None:
        self._owned = owned
        self._names = frozenset(each.name for each in components if each.own)
        self._read = read

    def make_whole(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Return drops of what lies in such a folder and only covers what is dropped, licences."""
        changed: dict[str, Verdict] = {}
        for path, verdict in verdicts.items():
            if self.holds(verdict) and self._owned.tree.by_path[path].kind is Kind.DIRECTORY:
                below = (entry.path for entry in self._owned.tree.below(path))
                changed |= {p: verdict for p in below if _is_licence(verdicts[p].rule)}
        return changed

    def holds(self, verdict: Verdict) -> bool:
        """Return whether a verdict drops the work of a tool."""
        rule = verdict.rule
        return rule is not None and verdict.dropped and rule.component in self._names

    def is_refused(self, aside: Collection[str], ruled: Mapping[str, Verdict]) -> IsRefused:
        """Return what says of a guard's name and reference whether it asks for a tool's work.

        ``aside`` are paths of which the same holds, ``ruled`` the verdicts before any guard.
        """
        if not aside and not any(map(self.holds, ruled.values())):
            return lambda _name, _asked, _verdicts: False  # as in most trees

        def refused(name: str, asked: Reference, verdicts: Mapping[str, Verdict]) -> bool:
            paths = asked.members or (asked.path,)
            return name != GUARD and any(
                p in aside or (p in verdicts and self.holds(verdicts[p])) for p in paths
            )

        return refused

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what files of the user's own name of it."""
        units: dict[str, list[str]] = {}
        words: dict[str, frozenset[str]] = {}
        for path, verdict in verdicts.items():
            rule = verdict.rule
            if rule is not None and self.holds(verdict):
                inside = [p for p in parents(path) if verdicts[p] == verdict]
                unit = inside[-1] if inside else path
                units.setdefault(unit, []).append(path)
                words[unit] = frozenset(p for p in rule.pattern.split("/") if p and is_literal(p))
        for unit, members in units.items():
            if source := self._naming(words[unit] | {name_of(unit)}, verdicts):
                yield Reference(source, unit, unit, certain=True, members=tuple(members))

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what is dropped is told as the user's own."""
        yield from ()

    def _naming(self, words: frozenset[str], verdicts: Mapping[str, Verdict]) -> str:
        """Return a kept file of the user's own that names one of these; empty without one."""
        names = b"|".join(re.escape(word.encode("utf-8", "replace")) for word in sorted(words))
        # As a path, a part of one, or a string; a glob of all in it leaves it out of something.
        named = re.compile(rb"(?<![\w.-])(?:" + names + rb")(?=[/\\\"'`\s]|$)(?!/\*\*)")
        kept = (entry.path for entry in self._texts if verdicts[entry.path].kept)
        return next((path for path in kept if named.search(self._read(path))), "")

    @cached_property
    def _texts(self) -> list[Entry]:
        return [
            entry
            for entry in self._owned.tree.entries
            if entry.kind is Kind.FILE
            and self._owned.owners[entry.path] == OWN
            and writing_of(entry) is not None
            and not tool_of(name_of(entry.path))
            and not _OF_TOOLS.fullmatch(name_of(entry.path))
        ]


def _is_licence(rule: Rule | None) -> bool:
    return rule is not None and rule.action is Action.KEEP and rule.component.endswith(_ALWAYS)
