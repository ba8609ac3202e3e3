"""The way out: members become a zip whose bytes depend on nothing but their content.

The format is PKWARE's APPNOTE.TXT 6.3.10, in the small part of it that AWS Lambda takes:
deflated or stored members, no extra fields, no data descriptors, no zip64. Times are the
format's zero (1980-01-01 00:00). Modes are Unix's, in the upper half of the external
attributes; a link is a member whose mode says so and whose data is its target.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import stat
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, Self

import deflate

from slimmer.cores import available_cores
from slimmer.errors import InputError, UsageError, reason_of
from slimmer.model import Artifact, Change, Member
from slimmer.names import printable

MAX_MEMBERS = 0xFFFE  # one less than the number that points to zip64, APPNOTE 4.4.1.4
MAX_BYTES = 0xFFFFFFFE
MAX_NAME_BYTES = 0xFFFF
HEADERS_BYTES = 30 + 46  # of a member, with its name twice besides, APPNOTE 4.3.7 and 4.3.12

_VERSION = 20  # deflate and folders, APPNOTE 4.4.3.2
_MADE_BY_UNIX = 3 << 8
_UTF8_NAME = 1 << 11
_STORED, _DEFLATED = 0, 8
_DATE = (0 << 9) | (1 << 5) | 1  # 1980-01-01, APPNOTE 4.4.6
_DOS_FOLDER = 0x10
_AHEAD = 32  # members in flight for each worker: enough to hide a large one, little memory

FILE_MODE = stat.S_IFREG | 0o644
PROGRAM_MODE = stat.S_IFREG | 0o755
FOLDER_MODE = stat.S_IFDIR | 0o755
LINK_MODE = stat.S_IFLNK | 0o777


class Content(NamedTuple):
    """What a member will hold: its mode, its bytes, and what a transform did to them."""

    mode: int
    data: bytes
    change: Change | None = None


class Pending(NamedTuple):
    """A member to be written; ``load`` is called once, in a worker thread."""

    name: str
    load: Callable[[], Content]


class Sink(Protocol):
    """Where the zip goes."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class Packed(NamedTuple):
    """A member ready to be written: compressed where that made it smaller."""

    mode: int
    crc: int
    size_bytes: int
    method: int
    data: bytes
    change: Change | None


def compressor_name(level: int) -> str:
    """Return the pinned compressor as the report names it."""
    return f"libdeflate (deflate {deflate.__version__}) level {level}"


def file_mode(data: bytes, *, executable: bool) -> int:
    """Return the mode of a file: 0755 if it was executable, has a ``#!`` or is ELF, else 0644."""
    return PROGRAM_MODE if executable or data.startswith((b"#!", b"\x7fELF")) else FILE_MODE


class ZipWriter:
    """Writes members one after the other, then the central directory; hashes as it goes."""

    def __init__(self, sink: Sink):
        self._sink = sink
        self._digest = hashlib.sha256()
        self._central: list[bytes] = []
        self._offset = 0

    def add(self, name: str, packed: Packed) -> int:
        """Write one member; return the bytes that it takes, its two headers with it.

        Raises InputError where the format would need zip64.
        """
        raw_name = name.encode()
        if len(raw_name) > MAX_NAME_BYTES:
            raise InputError(f"{printable(name[:60])}…: the name is too long for a zip; shorten it")
        if len(self._central) >= MAX_MEMBERS or self._offset + len(packed.data) > MAX_BYTES:
            raise InputError(f"{name}: past what a zip holds without zip64; drop more")
        common = struct.pack(
            "<5H3L2H",
            _VERSION,
            0 if raw_name.isascii() else _UTF8_NAME,
            packed.method,
            0,
            _DATE,
            packed.crc,
            len(packed.data),
            packed.size_bytes,
            len(raw_name),
            0,
        )
        attributes = packed.mode << 16 | (_DOS_FOLDER if stat.S_ISDIR(packed.mode) else 0)
        place = struct.pack("<3H2L", 0, 0, 0, attributes, self._offset)
        made_by = struct.pack("<H", _MADE_BY_UNIX | _VERSION)
        self._central.append(b"PK\1\2" + made_by + common + place + raw_name)
        local = b"PK\3\4" + common + raw_name
        self._write(local)
        self._write(packed.data)
        return len(local) + len(packed.data) + len(self._central[-1])

    def close(self) -> tuple[int, bytes]:
        """Write the central directory; return the zip's size in bytes and its SHA-256."""
        start, count = self._offset, len(self._central)
        directory = b"".join(self._central)
        self._write(directory)
        self._write(
            struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
        )
        return self._offset, self._digest.digest()

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self._digest.update(data)
        self._offset += len(data)


def write_zip(
    sink: Sink,
    name: str,
    pending: Iterable[Pending],
    *,
    level: int,
    workers: int | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Artifact:
    """Write the members, sorted by the bytes of their names, to ``sink``; return the artifact.

    ``level`` is libdeflate's, 1 to 12. ``workers`` threads compress (without it: one for
    each core); their number changes no byte. ``progress`` is told, after each member,
    how many bytes of the tree are done. Raises InputError where the format would need zip64.
    """
    writer = ZipWriter(sink)
    members: list[Member] = []
    done_bytes = 0
    ordered = sorted(pending, key=lambda item: item.name.encode())
    for item, packed in _pack_all(ordered, level, workers or available_cores()):
        sizes = (packed.size_bytes, writer.add(item.name, packed), len(packed.data))
        change = packed.change
        members.append(Member(item.name, packed.mode, *sizes, packed.crc, change))
        done_bytes += packed.size_bytes + (change.saved_bytes if change else 0)
        progress(done_bytes)
    zip_bytes, digest = writer.close()
    return Artifact(
        name=name,
        zip_bytes=zip_bytes,
        sha256=digest.hex(),
        code_sha256=base64.b64encode(digest).decode(),
        compressor=compressor_name(level),
        members=tuple(members),
    )


def _pack_all(
    ordered: Iterable[Pending], level: int, workers: int
) -> Iterator[tuple[Pending, Packed]]:
    """Yield every member packed, in order, while threads work some way ahead."""
    ahead: deque[tuple[Pending, Future[Packed]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="deflate")
    try:
        for item in ordered:
            ahead.append((item, pool.submit(_pack, item, level)))
            if len(ahead) > workers * _AHEAD:
                first, future = ahead.popleft()
                yield first, future.result()
        while ahead:
            first, future = ahead.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _pack(item: Pending, level: int) -> Packed:
    content = item.load()
    data = content.data
    crc = deflate.crc32(data) if data else 0
    packed = None if stat.S_ISLNK(content.mode) else deflated(data, level)
    if packed is None:
        return Packed(content.mode, crc, len(data), _STORED, data, content.change)
    return Packed(content.mode, crc, len(data), _DEFLATED, packed, content.change)


def deflated(data: bytes, level: int) -> bytes | None:
    """Return a file's data compressed, or None where that is no smaller."""
    packed = bytes(deflate.deflate_compress(data, level)) if data else data
    return packed if len(packed) < len(data) else None


class Discard:
    """A sink for a dry run: takes everything, keeps nothing."""

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""


class NewFile:
    """A file that appears under its name whole, or not at all.

    It is written beside its place under a temporary name, which is made at the first
    ``write``. ``commit`` syncs it and puts it in place; leaving the ``with`` block in any
    other way removes it, and whatever stood there before stands. ``option`` is what the
    user named the file by. Raises UsageError when it cannot be written.
    """

    def __init__(self, path: Path, option: str):
        self._path = path
        self._option = option
        self._aside = path.with_name(f".slim-{secrets.token_hex(6)}.tmp")
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, data: bytes, /) -> None:
        """Append to the file that is not yet in place."""
        try:
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                self._file = os.fdopen(os.open(self._aside, flags, 0o666), "wb")
            self._file.write(data)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def aside(self) -> Path:
        """Where the file is until it is put in place."""
        return self._aside

    def sync(self) -> None:
        """Have everything that was written on the disk, where it can no longer fail."""
        self.write(b"")
        try:
            if self._file is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def commit(self) -> None:
        """Put the file in its place, replacing what stood there."""
        self.sync()
        try:
            self._aside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk shows again when the rest is flushed
                self._file.close()
        self._aside.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> UsageError:
        reason = reason_of(error)
        where = printable(str(self._path))
        return UsageError(f"{where}: cannot write it ({reason}); choose another {self._option}")
