"""Times of a zip's members, as numbers and as the format writes them.

Sources: APPNOTE.TXT 4.4.6 (date and time, in steps of two seconds, of no zone:
Lambda's is UTC), and Info-ZIP's ``extrafld.txt`` (0x5455, the time in seconds and in UTC).
"""

from __future__ import annotations

import calendar
import struct
import time
from typing import Final

ZIP_TIME_S: Final = 315_532_800  # 1980-01-01 00:00, the time of members that nothing compares
EXTENDED_TIME: Final = 0x5455

_STEP_S: Final = 2
_MAX_RANK: Final = 24 * 60 * 60 // _STEP_S - 1
_HAS_MTIME: Final = 1
_FIELD: Final = struct.Struct("<HHBi")


def of_rank(rank: int) -> int:
    """Return the time of the members of a rank, from 0 on: all of them on one day."""
    return ZIP_TIME_S + _STEP_S * min(rank, _MAX_RANK)


def dos_time(time_s: int) -> int:
    """Return a time from 1980 on as a member has it, the date in the upper 16 bits."""
    year, month, day, hour, minute, second = time.gmtime(time_s)[:6]
    date = (year - 1980) << 9 | month << 5 | day
    return date << 16 | hour << 11 | minute << 5 | second // _STEP_S


def extra_of(time_s: int) -> bytes:
    """Return the extra field for a time that stands for itself, and not only for an order."""
    if time_s <= of_rank(_MAX_RANK):
        return b""
    return _FIELD.pack(EXTENDED_TIME, _FIELD.size - 4, _HAS_MTIME, time_s)


def member_ns(dos: int, extra: bytes) -> int:
    """Return a member's time in nanoseconds since 1970: in UTC where it says so, else as if.

    Whatever the fields hold, there is one.
    """
    place = 0
    while place + 4 <= len(extra):
        tag, size = struct.unpack_from("<2H", extra, place)
        if tag == EXTENDED_TIME and size >= 5 and place + _FIELD.size <= len(extra):
            flags, time_s = struct.unpack_from("<Bi", extra, place + 4)
            if flags & _HAS_MTIME:
                return int(time_s) * 1_000_000_000
        place += 4 + size
    date, clock = divmod(dos, 1 << 16)
    day = (1980 + (date >> 9), min(max(date >> 5 & 15, 1), 12), date & 31)
    of_day = (clock >> 11, clock >> 5 & 63, (clock & 31) * _STEP_S)
    return calendar.timegm((*day, *of_day)) * 1_000_000_000
