"""Entries of Bootsnap's compile cache: what they say of the source that they were made from.

Source: ``struct bs_cache_key`` in Bootsnap's ``ext/bootsnap/bootsnap.c``, tried with 1.13: 64 bytes
with four 32-bit numbers (format, platform, options, Ruby's revision), and then the source's size,
its time in seconds and the size of what follows as 64-bit ones.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

HEAD_BYTES: Final = 64
_HEAD: Final = struct.Struct("<IIIIQQQ")
_FORMATS: Final = range(2, 16)


class Stamp(NamedTuple):
    """What an entry states of its source."""

    size_bytes: int
    time_s: int


def stamp(data: bytes) -> Stamp | None:
    """Return what an entry states; None for what is no entry, or one of another processor."""
    if len(data) < HEAD_BYTES:
        return None
    form, *_, size_bytes, time_s, held_bytes = _HEAD.unpack_from(data)
    if form not in _FORMATS or held_bytes != len(data) - HEAD_BYTES:
        return None
    return Stamp(size_bytes, time_s)
