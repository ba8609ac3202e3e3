"""Members become a zip whose bytes depend on nothing but their content.

Times are the format's zero (1980-01-01 00:00), but for members whose times a runtime compares.
Modes are Unix's, in the upper half of the external attributes; a link is a member whose mode says
so and whose data is its target.
"""

from __future__ import annotations

import base64
import hashlib
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import deflate

from slimmer.errors import InputError
from slimmer.formats import Refused
from slimmer.formats.zip.records import DEFLATED, DOS_FOLDER, STORED, UNIX
from slimmer.formats.zip.writer import (
    NewMember,
    Sink,
    ZipWriter,
)
from slimmer.model.artifact import Artifact, Change, Member
from slimmer.model.times import ZIP_TIME_S, dos_time, extra_of
from slimmer.parallel import available_cores
from slimmer.text import printable

_AHEAD = 32  # members in flight for each worker: enough to hide a large one, little memory

_SHOWN = 60  # characters of a name that is too long

FILE_MODE = stat.S_IFREG | 0o644
PROGRAM_MODE = stat.S_IFREG | 0o755
FOLDER_MODE = stat.S_IFDIR | 0o755
LINK_MODE = stat.S_IFLNK | 0o777


class MemberContent(NamedTuple):
    """What a member will hold: its mode, its bytes, and what a transform did to them."""

    mode: int
    data: bytes
    change: Change | None = None


class PendingMember(NamedTuple):
    """A member to be written; ``load`` is called once, in a worker thread."""

    name: str
    load: Callable[[], MemberContent]
    #: Its time in seconds since 1970.
    time_s: int = ZIP_TIME_S


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


class HashedSink:
    """Hashes what goes to another sink."""

    def __init__(self, sink: Sink):
        self._sink = sink
        self.digest = hashlib.sha256()

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        self._sink.write(data)
        self.digest.update(data)


def write_zip(
    sink: Sink,
    name: str,
    pending: Iterable[PendingMember],
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
    hashed = HashedSink(sink)
    writer = ZipWriter(hashed)
    members: list[Member] = []
    done_bytes = 0
    ordered = sorted(pending, key=lambda item: item.name.encode())
    for item, packed in _pack_all(ordered, level, workers or available_cores()):
        members.append(_add(writer, item, packed))
        done_bytes += packed.size_bytes + (packed.change.saved_bytes if packed.change else 0)
        progress(done_bytes)
    zip_bytes, digest = writer.close(), hashed.digest.digest()
    return Artifact(
        name=name,
        zip_bytes=zip_bytes,
        sha256=digest.hex(),
        code_sha256=base64.b64encode(digest).decode(),
        compressor=compressor_name(level),
        members=tuple(members),
    )


def _add(writer: ZipWriter, item: PendingMember, packed: Packed) -> Member:
    """Write one member. Raises InputError where the format would need zip64."""
    name, extra = item.name, extra_of(item.time_s)
    head = NewMember(
        raw_name=name.encode(),
        method=packed.method,
        dos_time=dos_time(item.time_s),
        crc32=packed.crc,
        size_bytes=packed.size_bytes,
        system=UNIX,
        attributes=packed.mode << 16 | (DOS_FOLDER if stat.S_ISDIR(packed.mode) else 0),
        extra=extra,
        local_extra=extra,
    )
    try:
        zip_bytes = writer.add(head, packed.data)
    except Refused as error:
        shown = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
        raise InputError(f"{printable(shown)}: {error}; shorten it, or drop more") from None
    return Member(
        name=name,
        mode=packed.mode,
        size_bytes=packed.size_bytes,
        zip_bytes=zip_bytes,
        compressed_bytes=len(packed.data),
        crc32=packed.crc,
        change=packed.change,
    )


def _pack_all(
    ordered: Iterable[PendingMember], level: int, workers: int
) -> Iterator[tuple[PendingMember, Packed]]:
    """Yield every member packed, in order, while threads work some way ahead."""
    ahead: deque[tuple[PendingMember, Future[Packed]]] = deque()
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


def _pack(item: PendingMember, level: int) -> Packed:
    content = item.load()
    data = content.data
    crc = deflate.crc32(data) if data else 0
    packed = None if stat.S_ISLNK(content.mode) else deflated(data, level)
    if packed is None:
        return Packed(content.mode, crc, len(data), STORED, data, content.change)
    return Packed(content.mode, crc, len(data), DEFLATED, packed, content.change)


def deflated(data: bytes, level: int) -> bytes | None:
    """Return a file's data compressed, or None where that is no smaller."""
    packed = bytes(deflate.deflate_compress(data, level)) if data else data
    return packed if len(packed) < len(data) else None
