"""Members become a zip whose bytes depend on nothing but their content.

Times are the format's zero (1980-01-01 00:00), but for members whose times a runtime compares.
Modes are Unix's, in the upper half of the external attributes; a link is a member whose mode says
so and whose data is its target.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple, Protocol

import deflate

from slimmer.cache.cache import NO_CACHE, Cache
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
from slimmer.outputs.hashed import HashedSink
from slimmer.parallel import available_cores
from slimmer.text import printable

_TELL_S = 0.25  # after which a thread that waits tells again how far all are
_AHEAD = 32  # members in flight for each worker: enough to hide a large one
_MAX_AHEAD_BYTES = 96 * 1024 * 1024  # of members that are begun and not yet written
_LARGE_BYTES = 256 * 1024  # of a member that is begun before its turn

_PACKED = "packed"  # entries of the cache: CRC-32 and method, and what is deflated
_HEAD = struct.Struct("<IH")

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


class Known(NamedTuple):
    """What is known of a member's content without having it: its digest is SHA-256 in hex."""

    mode: int
    size_bytes: int
    digest: str
    change: Change | None


class Remembered(Protocol):
    """What former builds know of a member."""

    def known(self) -> Known | None:
        """Return what is known of its content, or None."""

    def remember(self, known: Known) -> None:
        """Take what was found out."""


class PendingMember(NamedTuple):
    """A member to be written; ``load`` is called at most once, in a worker thread."""

    name: str
    load: Callable[[], MemberContent]
    #: Its time in seconds since 1970.
    time_s: int = ZIP_TIME_S
    #: About how large it is: large ones are begun first.
    size_bytes: int = 0
    #: None for what is not worth it.
    remembered: Remembered | None = None


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


def write_zip(
    sink: Sink,
    name: str,
    pending: Iterable[PendingMember],
    *,
    level: int,
    workers: int | None = None,
    cache: Cache = NO_CACHE,
    progress: Callable[[int], object] = lambda _: None,
) -> Artifact:
    """Write the members, sorted by the bytes of their names, to ``sink``; return the artifact.

    ``level`` is libdeflate's, 1 to 12. ``workers`` threads compress (without it: one for
    each core); their number changes no byte, nor does what is in the ``cache``. ``progress`` is
    told several times a second how many bytes of the tree are compressed. Raises InputError where
    the format would need zip64.
    """
    hashed = HashedSink(sink)
    writer = ZipWriter(hashed)
    members: list[Member] = []
    done = _Done(progress)
    ordered = sorted(pending, key=lambda item: item.name.encode())
    for item, packed in _pack_all(ordered, level, workers or available_cores(), cache, done):
        members.append(_add(writer, item, packed))
        done.tell()
    zip_bytes = writer.close()
    return Artifact(
        name=name,
        zip_bytes=zip_bytes,
        sha256=hashed.sha256,
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


class _Done:
    """Counts what threads have compressed; the main thread tells it."""

    def __init__(self, progress: Callable[[int], object]):
        self._progress = progress
        self._done_bytes = 0
        self._lock = threading.Lock()

    def add(self, packed: Packed) -> Packed:
        """Count a member. Any thread may call this."""
        with self._lock:
            saved_bytes = packed.change.saved_bytes if packed.change else 0
            self._done_bytes += packed.size_bytes + saved_bytes
        return packed

    def tell(self) -> None:
        """Tell how many bytes of the tree are done."""
        self._progress(self._done_bytes)

    def wait(self, future: Future[Packed]) -> Packed:
        """Return what a thread makes, and go on telling until then."""
        while not future.done():
            wait((future,), timeout=_TELL_S)
            self.tell()
        return future.result()


def _pack_all(
    ordered: Sequence[PendingMember], level: int, workers: int, cache: Cache, done: _Done
) -> Iterator[tuple[PendingMember, Packed]]:
    """Yield every member packed, in order, while threads work some way ahead.

    The largest are begun first, so that none is left for one thread alone at the end.
    """
    sizes = [item.size_bytes for item in ordered]
    numbers = (number for number, size in enumerate(sizes) if size >= _LARGE_BYTES)
    large = deque(sorted(numbers, key=lambda number: -sizes[number]))
    begun: dict[int, Future[Packed]] = {}
    held_bytes = following = 0
    pool = ThreadPoolExecutor(workers, thread_name_prefix="deflate")

    def begin(number: int) -> int:
        if number in begun:
            return 0
        begun[number] = pool.submit(lambda: done.add(_pack(ordered[number], level, cache)))
        return sizes[number]

    try:
        for at, item in enumerate(ordered):
            while large and (
                large[0] < following
                or not held_bytes
                or held_bytes + sizes[large[0]] <= _MAX_AHEAD_BYTES
            ):
                number = large.popleft()
                held_bytes += begin(number) if number >= following else 0
            while following < len(ordered) and (
                following <= at
                or (
                    following - at <= workers * _AHEAD
                    and held_bytes + sizes[following] <= _MAX_AHEAD_BYTES
                )
            ):
                held_bytes += begin(following)
                following += 1
            yield item, done.wait(begun.pop(at))
            held_bytes -= sizes[at]
    finally:
        pool.shutdown(cancel_futures=True)


def _pack(item: PendingMember, level: int, cache: Cache) -> Packed:
    remembered = item.remembered
    if remembered is None:
        return _packed(item.load(), level)
    known = remembered.known()
    before = packed_before(known.digest, level, cache) if known else None
    if known is not None and before is not None and before.method == DEFLATED:
        return Packed(known.mode, before.crc, known.size_bytes, *before[1:], known.change)
    content = item.load()
    digest = hashlib.sha256(content.data).hexdigest()
    now = Known(content.mode, len(content.data), digest, content.change)
    if now != known:
        remembered.remember(now)
        before = packed_before(digest, level, cache)
    if before is None:
        made = _packed(content, level)
        kept = made.data if made.method == DEFLATED else b""
        payload = _HEAD.pack(made.crc, made.method) + kept
        cache.put(payload, _PACKED, digest, level, deflate.__version__)
        return made
    data = before.data if before.method == DEFLATED else content.data
    return Packed(now.mode, before.crc, now.size_bytes, before.method, data, now.change)


class Before(NamedTuple):
    """How a former build packed some bytes; without them where they are stored."""

    crc: int
    method: int
    data: bytes


def packed_before(digest: str, level: int, cache: Cache) -> Before | None:
    """Return how bytes with this digest were packed at a level, or None."""
    payload = cache.get(_PACKED, digest, level, deflate.__version__)
    if payload is None or len(payload) < _HEAD.size:
        return None
    crc, method = _HEAD.unpack_from(payload)
    return Before(crc, method, payload[_HEAD.size :])


def _packed(content: MemberContent, level: int) -> Packed:
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
