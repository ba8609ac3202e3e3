"""Archives of shared classes (CDS, AppCDS): what they say of the jars that they were made from.

Source: HotSpot's ``filemap.hpp`` (JDK 17, 21) and ``aotClassLocation.hpp`` (JDK 24 and newer). For
each part of the class path an archive holds its path as a C string, and, next to each other,
its time in seconds and its size as 64-bit numbers. What stands around these differs between
versions, so the two numbers are looked for.
"""

from __future__ import annotations

import struct
from typing import Final

#: The first four bytes of a static and of a dynamic archive, in the order of the machine.
_MAGIC: Final = tuple(
    struct.pack(order, number) for order in ("<L", ">L") for number in (0xF00BABA2, 0xF00BABA8)
)
_PAIR: Final = struct.Struct("<qq")
_OLDEST_S: Final = 1
_NEWEST_S: Final = (1 << 31) - 1  # of the time that a zip can hold in UTC, 4 bytes with a sign


def is_archive(data: bytes) -> bool:
    """Return whether bytes are those of an archive of shared classes."""
    return data.startswith(_MAGIC)


def names(data: bytes, name: str) -> bool:
    """Return whether an archive names a jar, by its name without folders."""
    word = name.encode("utf-8", "surrogateescape") + b"\0"
    place = data.find(word)
    while place >= 0:
        if data[place - 1 : place] in (b"", b"/", b"\0", b":"):
            return True
        place = data.find(word, place + 1)
    return False


def recorded_s(data: bytes, size_bytes: int) -> set[int]:
    """Return the times that an archive may state of a jar of this size; none if there is none."""
    wanted = size_bytes.to_bytes(8, "little")
    found = set()
    place = data.find(wanted)
    while place >= 0:
        if place >= 8 and place % 4 == 0:
            time_s, _ = _PAIR.unpack_from(data, place - 8)
            if _OLDEST_S <= time_s <= _NEWEST_S:
                found.add(time_s)
        place = data.find(wanted, place + 1)
    return found
