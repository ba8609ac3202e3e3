"""Files inside used units that are tried after all else: decided on values.

A large file that was opened is tried alone. Data that was not opened is tried together, a unit at
a time, and stays without its bytes: what is asked about its being there is answered as before.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from slimmer.model.tree import Entry, Kind
from slimmer.shrink.plan import Patterns, Piece, Watched

_LARGE_BYTES = 1 << 20  # below, a run costs more than the file is worth


def hollow_pieces(
    watched: Watched, alone: Patterns, gone: Container[str], *, within_units: bool
) -> list[Piece]:
    """Return the files of used units that may lose their bytes, the largest first.

    No event used them or, ``within_units``, events only looked for them.
    """
    found: list[tuple[int, Piece]] = []
    for unit in (each for each in watched.used_entries if each not in gone):
        files = [
            entry
            for entry in _files(watched, watched.kept[unit])
            if alone.holds(entry.path)
            and entry.path not in (watched.opened if within_units else watched.used)
        ]
        if files:
            size_bytes = sum(entry.size_bytes for entry in files)
            piece = Piece(unit, tuple(entry.path for entry in files), is_hollow=True)
            found.append((-size_bytes, piece))
    return [piece for _, piece in sorted(found)]


def large_pieces(watched: Watched, never: Patterns, gone: Container[str]) -> list[Piece]:
    """Return the large files of used units that were opened, the largest first."""
    found = [
        (-entry.size_bytes, Piece(unit, (entry.path,)))
        for unit, entries in watched.used_entries.items()
        if unit not in gone
        for entry in _files(watched, entries)
        if entry.path in watched.opened
        and entry.size_bytes >= _LARGE_BYTES
        and not never.holds(entry.path)
    ]
    return [piece for _, piece in sorted(found)]


def _files(watched: Watched, entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        if entry.kind is Kind.FILE and entry.path not in watched.observed:
            yield entry
