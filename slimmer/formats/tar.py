"""Tar archives: the files in one (POSIX.1-2024, pax; GNU's long names), read and never unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from slimmer.formats import FormatError

_BLOCK_BYTES = 512
_MAGIC_AT, _MAGIC = 257, b"ustar"
_MAX_NAME_BYTES = 64 * 1024  # of a long name or pax header
MAX_MEMBERS = 1_000_000


class TarFile(NamedTuple):
    """A file in a tar: its name, and where its bytes lie."""

    name: str
    start: int
    size_bytes: int


def is_tar(head: bytes) -> bool:
    """Return whether a file that begins so is a tar."""
    return head[_MAGIC_AT : _MAGIC_AT + 5] == _MAGIC


def tar_files(data: bytes) -> Iterator[TarFile]:
    """Yield the regular files of a tar. Raises FormatError for one that is broken."""
    at = 0
    name, size_bytes = "", -1  # as a header before the next member says
    for _ in range(MAX_MEMBERS):
        block = data[at : at + _BLOCK_BYTES]
        if len(block) < _BLOCK_BYTES or not block.strip(b"\0"):
            return
        if not is_tar(block):
            raise FormatError("a header of its is broken")
        said_bytes = _number(block[124:136])
        start = at + _BLOCK_BYTES
        kind = block[156:157]
        if kind in (b"L", b"x", b"g", b"K"):
            text = data[start : start + min(said_bytes, _MAX_NAME_BYTES)]
            if kind == b"L":
                name = _text(text)
            elif kind == b"x":
                name, size_bytes = _pax(text, name, size_bytes)
            at = _next(start, said_bytes)
            continue
        length = said_bytes if size_bytes < 0 else size_bytes
        if start + length > len(data):
            raise FormatError("it ends early")
        if kind in (b"0", b"\0", b"7"):
            yield TarFile(name or _name(block), start, length)
        at = _next(start, length if kind in (b"0", b"\0", b"7") else 0)
        name, size_bytes = "", -1
    raise FormatError("it has too many members")


def _next(start: int, size_bytes: int) -> int:
    return start + -(-size_bytes // _BLOCK_BYTES) * _BLOCK_BYTES


def _name(block: bytes) -> str:
    name, prefix = _text(block[:100]), _text(block[345:500])
    is_posix = block[_MAGIC_AT : _MAGIC_AT + 6] == b"ustar\0"
    return f"{prefix}/{name}" if prefix and is_posix else name


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """Return a number: octal digits, or GNU's 256-based one with the highest bit set."""
    if field[0] & 0x80:
        return int.from_bytes(field, "big") & ((1 << 95) - 1)
    digits = field.strip(b" \0")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        raise FormatError("a number in it is broken") from None


def _pax(text: bytes, name: str, size_bytes: int) -> tuple[str, int]:
    """Return name and size as records of ``LENGTH KEY=VALUE`` say."""
    while text:
        length, space, rest = text.partition(b" ")
        if not space or not length.isdigit() or len(length) > 9 or int(length) <= len(length):
            break
        record = rest[: int(length) - len(length) - 2]
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = _text(value)
        elif key == b"size" and value.isdigit() and len(value) < 20:
            size_bytes = int(value)
        text = text[int(length) :]
    return name, size_bytes
