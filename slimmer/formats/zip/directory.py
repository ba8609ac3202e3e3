"""Where a zip's central directory lies: the records at its end (APPNOTE.TXT 6.3.10, 4.3.14-16).

Unpackers look for these records in different ways. A zip in which two of them could find two
directories is an error.
"""

from __future__ import annotations

from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.records import (
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCATOR64,
    LOCATOR64_MARK,
    U16,
    U32,
)

_MAX_COMMENT_BYTES = 0xFFFF


class Directory(NamedTuple):
    """Where the central directory lies, and what the end record says of it."""

    start: int
    end: int
    members: int
    shift: int
    comment: bytes
    trailing_bytes: int
    is_zip64: bool


def find_directory(data: Data) -> Directory:
    """Return where the directory lies. Raises FormatError where there is none, or more than one."""
    place = _find_end(data)
    _, *numbers, comment_size = END.unpack_from(data, place)
    end = place
    locator = place - LOCATOR64.size
    is_zip64 = locator >= 0 and data[locator : locator + 4] == LOCATOR64_MARK
    if is_zip64:
        end = _end64(data, locator)
        _, _, _, _, *wide = END64.unpack_from(data, end)
        for number, other, most in zip(numbers, wide, (U16,) * 4 + (U32,) * 2, strict=True):
            if number not in (other, most):
                raise FormatError("its two end records say different things")
        numbers = wide
    disk, first_disk, here, count, size, offset = numbers
    if disk or first_disk or here != count:
        raise FormatError("it is one part of a zip over several disks")
    start = end - size
    if start < 0 or offset > start:
        raise FormatError("its central directory does not lie where it says")
    comment = bytes(data[place + END.size : place + END.size + comment_size])
    trailing = len(data) - place - END.size - comment_size
    return Directory(start, end, count, start - offset, comment, trailing, is_zip64)


def _find_end(data: Data) -> int:
    """Return where the end record begins.

    Most unpackers take the last one, some the last whose comment fits, some the one whose comment
    is all that follows. Raises FormatError where these are not the same.
    """
    lowest = max(0, len(data) - END.size - _MAX_COMMENT_BYTES)
    tail = bytes(data[lowest:])
    found, place = -1, tail.rfind(END_MARK)
    while place >= 0:
        is_whole = len(tail) - place >= END.size
        end = place + END.size + END.unpack_from(tail, place)[7] if is_whole else len(tail) + 1
        if found < 0 and end > len(tail):
            raise FormatError("it is not a zip, or its end is missing")
        if found >= 0 and end == len(tail):
            raise FormatError("it ends in two ways")
        found = place if found < 0 else found
        place = tail.rfind(END_MARK, 0, place)
    if found < 0:
        raise FormatError("it is not a zip, or its end is missing")
    return lowest + found


def _end64(data: Data, locator: int) -> int:
    """Return where the end record of a zip64 begins: right before what says where it is."""
    _, disk, said, disks = LOCATOR64.unpack_from(data, locator)
    place = locator - END64.size  # data before the zip moves it from where it is said to be
    if disk or disks > 1 or place < 0 or data[place : place + 4] != END64_MARK:
        raise FormatError("its zip64 end record is missing or on another disk")
    if said != place and data[said : said + 4] == END64_MARK:
        raise FormatError("it ends in two ways")
    return place
