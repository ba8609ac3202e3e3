"""Files inside used units that were used and may not be needed: decided on values.

A large file that was opened is tried alone. Files that were only looked for are tried together, a
unit at a time, and stay without their bytes: what an event asked about them is answered as before.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from slimmer.model.tree import Entry, Kind
from slimmer.shrink.plan import Patterns, Piece, Watched

_LARGE_BYTES = 1 << 20  # below, a run costs more than the file is worth


def spare_pieces(
    watched: Watched, never: Patterns, hollow: Patterns, gone: Container[str]
) -> list[Piece]:
    """Return what may be tried of the units that are not ``gone``, in the order to try it.

    ``hollow`` are the files that may stay without their bytes; none where no stubs ship.
    """
    hollows: list[tuple[int, Piece]] = []
    large: list[tuple[int, Piece]] = []
    for unit, entries in watched.used_entries.items():
        if unit in gone:
            continue
        files = [e for e in _files(watched, entries) if not never.holds(e.path)]
        looked = [e for e in files if e.path not in watched.opened and hollow.holds(e.path)]
        if looked:
            piece = Piece(unit, tuple(e.path for e in looked), is_hollow=True)
            hollows.append((-sum(e.size_bytes for e in looked), piece))
        large += [
            (-e.size_bytes, Piece(unit, (e.path,)))
            for e in files
            if e.path in watched.opened and e.size_bytes >= _LARGE_BYTES
        ]
    return [piece for _, piece in (*sorted(hollows), *sorted(large))]


def _files(watched: Watched, entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        if entry.kind is Kind.FILE and entry.path not in watched.observed:
            yield entry
