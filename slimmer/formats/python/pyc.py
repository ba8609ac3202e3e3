"""Compiled Python modules, as far as their header goes.

Source: PEP 552 "Deterministic pycs" and PEP 3147 "PYC Repository Directories". The header
is sixteen bytes since Python 3.7: a magic number, flags, and either the time and size of
the source or a hash of it. What follows is not looked at.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from slimmer.formats import FormatError

HEADER_BYTES: Final = 16
_HEADER = struct.Struct("<4sLLL")
_BY_HASH: Final = 0b01
_CHECK_SOURCE: Final = 0b10


# PEP 3147: name.TAG.pyc, and name.TAG.opt-LEVEL.pyc (PEP 488), in a folder __pycache__.
_CACHED = re.compile(r"(?:(.+)/)?__pycache__/([^/]+?)\.[^./]+(?:\.opt-[^./]+)?\.pyc")


class Header(NamedTuple):
    """How a module's bytecode tells whether it still belongs to its source.

    Where ``by_hash`` is false, it does while the source has this time and size.
    """

    magic: bytes
    by_hash: bool
    mtime_s: int
    size_bytes: int


def parse(data: bytes) -> Header:
    """Return the header of a .pyc file of Python 3.7 or later. Raises FormatError."""
    if len(data) <= HEADER_BYTES or data[2:4] != b"\r\n":
        raise FormatError("not the bytecode of a Python module")
    magic, flags, mtime_s, size_bytes = _HEADER.unpack_from(data)
    if flags & ~(_BY_HASH | _CHECK_SOURCE):
        raise FormatError("bytecode with flags that are not known, or of Python before 3.7")
    return Header(magic, bool(flags & _BY_HASH), mtime_s, size_bytes)


def unchecked(data: bytes) -> bytes:
    """Return bytecode that is taken as it is, whatever the time of its source.

    Its header says "by hash, not checked", and the hash, which is then not read, is zero.
    Bytecode that goes by a hash already stays as it is. Raises FormatError.
    """
    if parse(data).by_hash:
        return data
    return data[:4] + struct.pack("<LQ", _BY_HASH, 0) + data[HEADER_BYTES:]


def assembled(magic: bytes, code: bytes) -> bytes:
    """Return a .pyc file of marshalled code that is taken as it is, like ``unchecked``'s."""
    return magic + struct.pack("<LQ", _BY_HASH, 0) + code


def belongs(header: Header, source_mtime_s: int, source_size_bytes: int) -> bool:
    """Return whether Python would take the bytecode for a source of this time and size."""
    mask = 0xFFFFFFFF
    if header.by_hash:
        return True
    return (header.mtime_s, header.size_bytes) == (source_mtime_s & mask, source_size_bytes & mask)


def is_of_size(header: Header, source_size_bytes: int) -> bool:
    """Return whether the bytecode was made of a source of this size."""
    return not header.by_hash and header.size_bytes == source_size_bytes & 0xFFFFFFFF


def cached(source: str, tag: str) -> str:
    """Return where Python looks for the bytecode of a source, PEP 3147."""
    folder, slash, name = source.rpartition("/")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def is_importable(path: str) -> bool:
    """Return whether a file is a source that an import statement can name.

    What lies in packages of Node is not, though some bring scripts in Python.
    """
    folder, _, name = path.rpartition("/")
    if "node_modules" in folder.split("/"):
        return False
    return name.endswith(".py") and name.removesuffix(".py").isidentifier()


def source_of(path: str) -> str | None:
    """Return the source that a path in ``__pycache__`` is compiled from; None for any other."""
    match = _CACHED.fullmatch(path)
    if match is None:
        return None
    return f"{match[1]}/{match[2]}.py" if match[1] else f"{match[2]}.py"


def owned_with(sources: Mapping[str, str], paths: Iterable[str]) -> dict[str, str]:
    """Return the owners of the bytecode in ``paths``: those that ``sources`` has of its sources."""
    found = ((path, sources.get(source_of(path) or "")) for path in paths)
    return {path: owner for path, owner in found if owner is not None}
