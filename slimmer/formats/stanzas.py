"""Stanzas of lines, parted by empty lines, as the records of dpkg and apk have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_BLANK = re.compile(rb"\n(?:[ \t]*\n)+")


def stanzas(data: bytes) -> Iterator[bytes]:
    """Yield the stanzas of a file."""
    for stanza in _BLANK.split(data):
        if stanza.strip():
            yield stanza


def is_cut(data: bytes) -> bool:
    """Return whether a file ends early: each stanza of its writers ends in an empty line."""
    return bool(data) and not re.search(rb"\n[ \t]*\n[ \t]*\Z", data[-64:])


def without(data: bytes, goes: Callable[[bytes], bool]) -> bytes:
    """Return a file without the stanzas that go; the rest byte for byte."""
    every = list(stanzas(data))
    kept = [stanza for stanza in every if not goes(stanza)]
    if len(kept) == len(every):
        return data
    return b"".join(stanza.strip(b"\n") + b"\n\n" for stanza in kept)
