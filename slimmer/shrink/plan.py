"""What may go of an artifact that was watched: whole units, and files inside used ones.

A unit of which nothing was used goes whole, unless its data is what any program may read. Inside a
used one a file goes if nothing kept names it, and if it is none of what ``rules/shrink/never.toml``
never drops. The user's own files always stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from slimmer.decide.decide import Decision
from slimmer.decide.shrunk import may_go, units_of
from slimmer.ecosystems.distribution.records import goes_last, is_read_by_all
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.shrunk import ShrunkUnit, unit_digest
from slimmer.model.tree import Entry, Tree
from slimmer.rules.patterns import compile_pattern
from slimmer.sizes import count_text

_TRIED = Verdict(Action.DROP, Rule("shrink/tried", Action.DROP, "", "", "slim shrink"))


@dataclass(frozen=True)
class Watched:
    """What is known of an artifact after its events."""

    tree: Tree
    decision: Decision
    #: The paths of the tree that were used.
    used: frozenset[str]
    #: Those of them that were used where no trial can tell whether they are needed.
    observed: frozenset[str] = frozenset()
    #: Those of ``used`` that were opened or run; the others were only looked for.
    opened: frozenset[str] = frozenset()

    @cached_property
    def units(self) -> dict[str, list[Entry]]:
        """The files and links of each unit that an installer wrote."""
        return units_of(self.tree, self.decision.owners)

    @cached_property
    def kept(self) -> dict[str, tuple[Entry, ...]]:
        """What ships of each of these units, and the user does not keep.

        A unit with a name that is not UTF-8 is none of them: the file of drops could not say it.
        What covers packages of a distribution goes last, by itself.
        """
        verdicts = self.decision.verdicts
        kept = {
            unit: tuple(
                entry
                for entry in entries
                if may_go(verdicts[entry.path]) and not goes_last(entry.path, unit)
            )
            for unit, entries in self.units.items()
            if all(_is_text(entry.path) for entry in entries)
        }
        return {unit: entries for unit, entries in kept.items() if entries}

    @cached_property
    def used_entries(self) -> dict[str, tuple[Entry, ...]]:
        """What was used of each unit of which anything was."""
        used = {
            unit: tuple(entry for entry in entries if entry.path in self.used)
            for unit, entries in self.kept.items()
        }
        return {unit: entries for unit, entries in used.items() if entries}


@dataclass(frozen=True)
class Going:
    """What may go: the files and links of each unit, of which nothing or something was used."""

    whole: Mapping[str, tuple[str, ...]]
    inside: Mapping[str, tuple[str, ...]]

    def paths(self, units: Iterable[str]) -> frozenset[str]:
        """Return what goes with these units."""
        each = (self.whole.get(unit, ()) + self.inside.get(unit, ()) for unit in units)
        return frozenset(path for paths in each for path in paths)

    @property
    def units(self) -> frozenset[str]:
        """The units that lose something."""
        return frozenset(self.whole.keys() | self.inside.keys())


class Patterns:
    """Tells which paths patterns name."""

    def __init__(self, patterns: Iterable[str], but: Iterable[str] = ()) -> None:
        self._patterns = [compile_pattern(pattern) for pattern in patterns]
        self._others = [compile_pattern(pattern) for pattern in but]

    def holds(self, path: str) -> bool:
        """Return whether a pattern names a path, and none of the others does."""
        is_named = any(pattern.match(path) for pattern in self._patterns)
        return is_named and not any(pattern.match(path) for pattern in self._others)


def touched_units(watched: Watched, never: Patterns) -> dict[str, tuple[str, ...]]:
    """Return the units that were used and may not be needed, the largest first.

    One of which something was used that never goes, or that was observed, is none of them, and
    neither is one whose data any program may read.
    """
    left = {
        unit: watched.kept[unit]
        for unit, entries in watched.used_entries.items()
        if not is_read_by_all(unit)
        and not any(never.holds(e.path) or e.path in watched.observed for e in entries)
    }
    sizes = {unit: sum(entry.size_bytes for entry in entries) for unit, entries in left.items()}
    units = sorted(left, key=lambda unit: (-sizes[unit], unit))
    return {unit: tuple(entry.path for entry in left[unit]) for unit in units}


def candidates(watched: Watched, never: Patterns, hollow: Patterns) -> Going:
    """Return what no event used, before anything asks for some of it back.

    Inside a used unit a file that may be ``hollow`` does not go: a program that picks among the
    names that it finds would pick another one, and say nothing.
    """
    whole: dict[str, tuple[str, ...]] = {}
    inside: dict[str, tuple[str, ...]] = {}
    for unit, entries in watched.kept.items():
        paths = tuple(entry.path for entry in entries)
        if unit not in watched.used_entries and not is_read_by_all(unit):
            whole[unit] = paths
            continue
        unused = (e.path for e in entries if e.path not in watched.used)
        if is_read_by_all(unit):
            unused = (e.path for e in entries if e.path not in watched.used and e.executable)
        going = tuple(path for path in unused if not (never.holds(path) or hollow.holds(path)))
        if going:
            inside[unit] = going
    return Going(whole, inside)


def tried(going: Going) -> dict[str, Verdict]:
    """Return drops inside used units, for guards to take back what kept files name."""
    return {path: _TRIED for paths in going.inside.values() for path in paths}


def named_back(going: Going, verdicts: Mapping[str, Verdict]) -> Going:
    """Return what still goes once the guards took back what kept files name."""
    kept = (path for paths in going.inside.values() for path in paths if verdicts[path].kept)
    return without(going, frozenset(kept))


def without(going: Going, paths: Collection[str]) -> Going:
    """Return what still goes of used units where these paths stay."""
    inside = {
        unit: tuple(path for path in each if path not in paths)
        for unit, each in going.inside.items()
    }
    return Going(going.whole, {unit: each for unit, each in inside.items() if each})


class Piece(NamedTuple):
    """What is tried together of one used unit."""

    unit: str
    paths: tuple[str, ...]
    #: Whether the files stay without their bytes.
    is_hollow: bool = False


class Proven(NamedTuple):
    """What goes, as the events proved: unused, units that were used, files that were used."""

    going: Going
    touched: Mapping[str, tuple[str, ...]]
    spare: Sequence[Piece] = ()


def shrunk_of(watched: Watched, proven: Proven, seen: str) -> tuple[ShrunkUnit, ...]:
    """Return the rows of the file; ``seen`` says how often was looked: "3 events, 3 runs"."""
    units, (going, touched, spare) = watched.units, proven
    rows = [
        _row(units[unit], unit, paths, f"no event used it; {seen}", is_whole=True)
        for unit, paths in going.whole.items()
    ]
    rows += [
        _row(
            units[unit],
            unit,
            paths,
            f"it was used, and all answers are the same without it; {seen}",
            is_whole=True,
        )
        for unit, paths in touched.items()
    ]
    inside = going.inside.keys() | {piece.unit for piece in spare}
    rows += [_inside_row(watched, unit, proven, seen) for unit in sorted(inside - touched.keys())]
    return tuple(sorted(row for row in rows if row.size_bytes))


def _inside_row(watched: Watched, unit: str, proven: Proven, seen: str) -> ShrunkUnit:
    """Return the row of a used unit: what was not used of it, and what was and is not needed."""
    unused = proven.going.inside.get(unit, ())
    spare = [piece for piece in proven.spare if piece.unit == unit]
    needless = [path for piece in spare if not piece.is_hollow for path in piece.paths]
    hollow = [path for piece in spare if piece.is_hollow for path in piece.paths]
    used, entries = watched.used_entries.get(unit, ()), watched.kept[unit]
    said = [f"{len(used):,} of {count_text(len(entries), 'file')} were used"]
    if unused:
        said.append(f"no event used these {len(unused):,}")
    if needless:
        said.append(f"all answers are the same without {len(needless):,} that were used")
    if hollow:
        said.append(f"{len(hollow):,} were not opened, and keep their names")
    paths = (*unused, *needless, *hollow)
    row = _row(watched.units[unit], unit, paths, "; ".join((*said, seen)), is_whole=False)
    return row._replace(hollow=tuple(sorted(hollow)))


def _row(
    entries: Iterable[Entry], unit: str, paths: tuple[str, ...], why: str, *, is_whole: bool
) -> ShrunkUnit:
    every = tuple(entries)
    going = frozenset(paths)
    size_bytes = sum(entry.size_bytes for entry in every if entry.path in going)
    named = () if is_whole else tuple(sorted(paths))
    return ShrunkUnit(unit, unit_digest(every), size_bytes, why, named)


def _is_text(path: str) -> bool:
    """Return whether a name is UTF-8."""
    return path.isascii() or not any("\udc80" <= char <= "\udcff" for char in path)
