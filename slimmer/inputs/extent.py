"""Bytes on a disk that are read in parts: of a file, of a member in it, of what it unpacks to."""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slimmer.errors import InputError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.streams import STREAMS, plain_pieces
from slimmer.inputs.system import READ, read_at
from slimmer.inputs.walk import Stamp
from slimmer.text import printable

_HEAD_BYTES = 8  # by which a packed stream is known
_PIECE_BYTES = 1024 * 1024  # that are read at once where all is read


class _Handle:
    """An open file, closed when nothing reads it any more."""

    def __init__(self, number: int, name: str):
        self.number = number
        self.name = name
        self.stamp = Stamp.of(os.fstat(number))

    def __del__(self) -> None:
        os.close(self.number)


class Extent:
    """A run of bytes in a file. Any thread may read it, and no place in the file is kept.

    Reading raises InputError where the file is no longer what it was when it was opened.
    """

    def __init__(self, handle: _Handle, start: int, size_bytes: int):
        self._handle = handle
        self._start = start
        self.size_bytes = size_bytes

    def read(self, start: int, size_bytes: int) -> bytes:
        """Return so many bytes from an offset on; less where the extent ends."""
        wanted = max(0, min(size_bytes, self.size_bytes - start))
        at, chunks = self._start + start, []
        while wanted > 0:
            chunk = read_at(self._handle.number, min(wanted, 1 << 30), at)
            if not chunk:
                break
            chunks.append(chunk)
            at += len(chunk)
            wanted -= len(chunk)
        if wanted or Stamp.of(os.fstat(self._handle.number)) != self._handle.stamp:
            raise InputError(
                f"{printable(self._handle.name)}: changed while it was read; "
                "run again when nothing writes to it"
            )
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def within(self, start: int, size_bytes: int) -> Extent:
        """Return a run of bytes inside this one."""
        return Extent(self._handle, self._start + start, size_bytes)

    def pieces(self) -> Iterator[bytes]:
        """Yield all bytes, piece by piece."""
        for start in range(0, self.size_bytes, _PIECE_BYTES):
            yield self.read(start, _PIECE_BYTES)

    def digest(self, algorithm: str) -> str:
        """Return the digest of all bytes, in hexadecimal digits."""
        found = hashlib.new(algorithm)
        for piece in self.pieces():
            found.update(piece)
        return found.hexdigest()


def opened(path: Path) -> Extent:
    """Return the bytes of a file. Raises InputError where it cannot be read."""
    name = str(path)
    try:
        handle = _Handle(os.open(path, READ), name)
    except OSError as error:
        raise InputError(
            f"{printable(name)}: cannot be read ({reason_of(error)}); "
            "change its mode or name another"
        ) from None
    return Extent(handle, 0, handle.stamp.size_bytes)


def unpacked(data: Extent, name: str, max_bytes: int) -> Extent:
    """Return what a compressed stream unpacks to, in a file without a name; else ``data`` itself.

    Raises FormatError for what is broken or unpacks to more than ``max_bytes``, InputError where
    there is no room for it.
    """
    if not data.read(0, 8).startswith(STREAMS):
        return data
    handle = _unnamed(plain_pieces(data.pieces(), max_bytes), name)
    return Extent(handle, 0, handle.stamp.size_bytes)


def spooled(pieces: Iterable[bytes], name: str, max_bytes: int) -> Extent:
    """Return a stream that can be read once, in a file without a name; unpacked if it is packed.

    Raises FormatError for what is broken or more than ``max_bytes``, InputError where there is no
    room for it.
    """
    waiting = iter(pieces)
    first = next(waiting, b"")
    while len(first) < _HEAD_BYTES and (more := next(waiting, b"")):
        first += more
    rest = itertools.chain([first], waiting)
    is_packed = first.startswith(STREAMS)
    handle = _unnamed(
        plain_pieces(rest, max_bytes) if is_packed else _bounded(rest, max_bytes), name
    )
    return Extent(handle, 0, handle.stamp.size_bytes)


def gathered(pieces: Iterable[bytes], name: str) -> Extent:
    """Return bytes as they are, in a file without a name. Raises InputError for want of room."""
    handle = _unnamed(pieces, name)
    return Extent(handle, 0, handle.stamp.size_bytes)


def _bounded(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    for piece in pieces:
        max_bytes -= len(piece)
        if max_bytes < 0:
            raise FormatError("it is larger than any image that Lambda takes")
        yield piece


def _unnamed(pieces: Iterable[bytes], name: str) -> _Handle:
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[file.write(view) or 0 :]
            return _Handle(os.dup(file.fileno()), name)
    except OSError as error:
        raise InputError(
            f"{printable(name)}: cannot be unpacked into {printable(tempfile.gettempdir())} "
            f"({reason_of(error)}); make room there, or set TMPDIR"
        ) from None


@contextmanager
def said_of(name: str, form: str) -> Iterator[None]:
    """Raise a FormatError of the block as an InputError about a file that was read as ``form``."""
    try:
        yield
    except FormatError as error:
        raise InputError(
            f"{printable(name)}: cannot be read as {form} ({error}); create it again"
        ) from None
