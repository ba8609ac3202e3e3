"""What tells in production that code was used which a shrink would drop, and what a log says of it.

A recorder is a line at the end of a module. Once a process it writes the module's path to standard
error, which Lambda sends to the function's log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote

from slimmer.ecosystems.stubs import SCRIPTS
from slimmer.formats.python.pyc import is_importable

_MARK = "slim observe: used "
_SAID = re.compile(re.escape(_MARK).encode() + rb"([A-Za-z0-9_.~/%-]{1,4096});")
_ENDED = b"REPORT RequestId: "  # Lambda's line at the end of each invocation
_OVERLAP_BYTES = 8192  # longer than what a recorder says


class Observed(NamedTuple):
    """What logs say: which paths were used, in how many invocations."""

    paths: frozenset[str] = frozenset()
    invocations: int = 0


NOT_OBSERVED = Observed()


def can_record(path: str) -> bool:
    """Return whether a recorder can stand in a file."""
    return is_importable(path) or path.endswith(SCRIPTS)


def recorded(path: str, data: bytes) -> bytes:
    """Return a module with a recorder at its end."""
    said = f"{_MARK}{quote(path, errors='surrogateescape')};"
    if path.endswith(SCRIPTS):
        line = f'\n;process.stderr.write("{said}\\n");\n'
    else:
        line = f'\n__import__("os").write(2, b"{said}\\n")\n'
    return data + line.encode()


def observed_in(pieces: Iterable[bytes]) -> Observed:
    """Return what a log says, whose lines stand in it as text or inside of JSON.

    It is given in pieces of any size, and read as a stream.
    """
    paths: set[str] = set()
    invocations, rest = 0, b""
    for piece in pieces:
        data = rest + piece
        rest = data[-_OVERLAP_BYTES:]
        paths |= {_path(said) for said in _SAID.findall(data)}
        invocations += data.count(_ENDED) - rest.count(_ENDED)
    return Observed(frozenset(paths), invocations + rest.count(_ENDED))


def _path(said: bytes) -> str:
    return unquote(said.decode(), errors="surrogateescape")
