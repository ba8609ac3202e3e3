"""What ``slim shrink`` found that no event needs, as its file says it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.model.tree import Entry, Kind


class ShrunkUnit(NamedTuple):
    """What goes of one unit: all of it, or the named files."""

    #: The unit, such as ``python/pandas``.
    unit: str
    #: What the unit held when it was seen, as :func:`unit_digest` tells it.
    digest: str
    #: What goes takes this much in the tree. Unit: bytes.
    size_bytes: int
    #: The evidence, in words.
    why: str
    #: The files that go, as paths of the tree; none where the whole unit goes.
    paths: tuple[str, ...] = ()
    #: Those of them that were only looked for: where stubs ship, each is there without its bytes.
    hollow: tuple[str, ...] = ()
    #: The file and line that say so.
    place: str = ""
    #: The file that the unit lies in, where it is a module of a Java runtime; else empty.
    inside: str = ""


class Shrunk(NamedTuple):
    """What goes, unit by unit."""

    units: tuple[ShrunkUnit, ...] = ()
    #: Whether stubs take the place of dropped code, and say who dropped it.
    guarded: bool = False

    @property
    def hollow(self) -> frozenset[str]:
        """The files that stay without their bytes."""
        return frozenset(path for row in self.units for path in row.hollow if self.guarded)


NOTHING = Shrunk()


def unit_digest(entries: Iterable[Entry]) -> str:
    """Return a name for what a unit holds: its files by path and size, and its links.

    The bytes of the files do not count: another release changes some size.
    """
    found = hashlib.sha256()
    for entry in sorted(entries):
        if entry.kind is not Kind.DIRECTORY:
            found.update(
                f"{entry.path}\0{entry.size_bytes}\0{entry.target}\n".encode(
                    errors="surrogateescape"
                )
            )
    return found.hexdigest()[:16]
