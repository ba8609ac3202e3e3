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


class PartsRule(NamedTuple):
    """That each folder in one of a unit's folders is a part of its own, asked for by its name.

    It is a ``[[parts]]`` table of a pack, placed at one root of the pack.
    """

    #: The unit's name, such as ``botocore``.
    unit: str
    #: The folder that holds the parts, as a path of the tree.
    folder: str
    #: The functions whose first argument names a part: ``client("s3")``.
    calls: tuple[str, ...]
    #: The distributions whose own calls only pass on the name that they are given.
    passing: frozenset[str]
    #: The parts that the unit asks for itself.
    always: tuple[str, ...]


class VariantsRule(NamedTuple):
    """That files of a folder are variants of one thing, of which a deployment uses one or two.

    It is a ``[[variants]]`` table of a pack: ``query_engine_bg.mysql.js`` and its likes.
    """

    #: The unit's name, such as ``@prisma/client``.
    unit: str
    #: The folder that holds the variants, as the last parts of its path.
    folder: str
    #: A regular expression: the variant that a file is of, as the beginning of its name.
    names: str
    #: A regular expression: code that puts the name of a variant together.
    joined: str
    #: The packages that may use any of them.
    any_for: tuple[str, ...]
    #: The packages that only pass on what they are given.
    passing: frozenset[str]
    #: The library by which a platform is known, and what is in the variant for it by processor.
    platforms: Mapping[str, Mapping[str, str]]


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
