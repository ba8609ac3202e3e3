"""Uses: which parts of what is deployed ask for which others.

A part is a unit, which is what people install: a distribution, an npm package, an OTP
application. It is known by its owner, such as ``python/pandas``. The user's own files are parts
of their own, known as ``/PATH``, and those of a zip beside as ``ZIP: PATH``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from slimmer.model.owners import OWN
from slimmer.paths import parents


class Use(NamedTuple):
    """``user`` asks for ``used``: both are parts. ``how`` says where that is written."""

    user: str
    used: str
    how: str


@dataclass(frozen=True)
class Uses:
    """What one ecosystem knows of who uses whom."""

    #: The units that nothing else than these uses asks for: without them they can go.
    units: frozenset[str] = frozenset()
    uses: tuple[Use, ...] = ()
    #: The parts that are started whatever the code says, such as what a boot file names.
    roots: frozenset[str] = frozenset()
    #: The files and folders that are units of their own within what their owner installed.
    finer: Mapping[str, str] = field(default_factory=dict)
    #: What keeps more than is named, one line each.
    notes: tuple[str, ...] = ()
    #: The units in archives: that of each member which is of another than its archive's own.
    inside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What each of those units takes in its archive. Unit: bytes.
    inner_bytes: Mapping[str, int] = field(default_factory=dict)
    #: The parts that entries of the user name, by the entry.
    entries: Mapping[str, str] = field(default_factory=dict)
    #: What an entry that names nothing could have been.
    offers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """What can be reached from the roots."""

    #: What is reached, and the use that reached it first; None for a root.
    via: Mapping[str, Use | None] = field(default_factory=dict)
    #: The units that are not reached.
    unreached: frozenset[str] = frozenset()
    #: The files and folders that are units of their own within what their owner installed.
    finer: Mapping[str, str] = field(default_factory=dict)
    #: What keeps more than is named, one line each.
    notes: tuple[str, ...] = ()
    #: The units in archives: that of each member which is of another than its archive's own.
    inside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What each of those units takes in its archive. Unit: bytes.
    inner_bytes: Mapping[str, int] = field(default_factory=dict)

    def unreached_in(self, archive: str) -> dict[str, str]:
        """Return the members of the archive at a path that nothing reaches, with their units."""
        members = self.inside.get(archive, {})
        return {name: unit for name, unit in members.items() if unit in self.unreached}

    def part(self, path: str, owner: str) -> str:
        """Return the part that a path belongs to."""
        for place in (path, *parents(path)) if self.finer else ():
            if place in self.finer:
                return self.finer[place]
        return part_of(path, owner)

    def chain(self, part: str) -> tuple[str, ...]:
        """Return the parts from a root to this one, none where it is not reached."""
        found: list[str] = []
        while part in self.via:
            found.append(part)
            use = self.via[part]
            if use is None:
                break
            part = use.user
        return tuple(reversed(found))


def own_part(path: str) -> str:
    """Return the part that a file of the user's own is."""
    return f"/{path}"


def part_of(path: str, owner: str) -> str:
    """Return the part that a path belongs to, by its owner."""
    return own_part(path) if owner == OWN else owner


def reach(found: Iterable[Uses], roots: Iterable[str]) -> Reach:
    """Return what these roots, and those that were found, reach by the fewest steps.

    Neither the order of what was found nor that of its uses changes the answer.
    """
    every = tuple(found)
    by_user: dict[str, set[Use]] = {}
    for use in (use for each in every for use in each.uses):
        by_user.setdefault(use.user, set()).add(use)
    first = sorted({*roots, *(root for each in every for root in each.roots)})
    via: dict[str, Use | None] = dict.fromkeys(first)
    now = first
    while now:
        later: dict[str, Use | None] = {}
        for part in now:
            for use in sorted(by_user.get(part, ())):
                if use.used not in via:
                    later.setdefault(use.used, use)
        via |= later
        now = sorted(later)
    units = {unit for each in every for unit in each.units}
    finer = {path: part for each in every for path, part in each.finer.items()}
    notes = tuple(note for each in every for note in each.notes)
    inside = {path: parts for each in every for path, parts in each.inside.items()}
    inner_bytes = {unit: size for each in every for unit, size in each.inner_bytes.items()}
    return Reach(via, frozenset(units - via.keys()), finer, notes, inside, inner_bytes)
