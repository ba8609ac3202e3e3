"""Where quoted text ends, in languages whose escapes begin with a backslash.

One search after another instead of one pattern for all of it: a repeated group keeps memory for
each turn, and a possessive one goes wrong before Python 3.11.5 where a turn fails half-way
(https://github.com/python/cpython/issues/106052).
"""

from __future__ import annotations

import re
from typing import AnyStr


def end_of_quoted(text: AnyStr, position: int, stop: re.Pattern[AnyStr]) -> re.Match[AnyStr] | None:
    """Return the first match of ``stop`` from ``position`` on that is no escape, or None.

    ``stop`` matches what ends the text, and escapes, so that these are passed by. It takes
    time in proportion to the text, and no memory.
    """
    while match := stop.search(text, position):
        if match[0][:1] not in (b"\\", "\\"):
            return match
        position = match.end()
    return None
