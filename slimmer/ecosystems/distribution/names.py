"""The names of programs and libraries, as files say them: in strings, in scripts, in literals."""

from __future__ import annotations

import contextlib
import re

from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import literals

#: The folders of programs, relative to the root.
BIN = re.compile(r"(?:usr/(?:local/)?)?s?bin")
#: A name between quotes, slashes, zero bytes or lines, where a program or a library may stand.
_NAME = re.compile(
    rb"(?<![^\"'`$(|&;\0-\x20/=])[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}(?![^\"'`)|&;:,\0-\x20])"
)
#: A list of bytes, or a binary, of Erlang's external term format: its length, then it.
_STRING = re.compile(
    rb"(?s)(?=(?:k..|m....)([A-Za-z0-9_][A-Za-z0-9_.+-]{0,63})(?![A-Za-z0-9_.+-]))"
)
_BEAM = ".beam"


def said_in(path: str, data: bytes) -> set[str]:
    """Return the names that stand in a file."""
    found: list[bytes] = []
    if path.endswith(_BEAM):
        with contextlib.suppress(FormatError):
            data = literals(data)
        found = _STRING.findall(data)
    return {name.decode("ascii") for name in (*found, *_NAME.findall(data))}
