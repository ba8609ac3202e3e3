"""A stream becomes gzip (RFC 1952) whose bytes depend on nothing but its content and the level.

libdeflate compresses whole buffers, so the stream is cut into parts of one size. Each is a member
of its own, as the format allows; the next part needs nothing of the one before, and threads work
on several.
"""

from __future__ import annotations

import struct
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Self

import deflate

from slimmer.formats.zip.writer import Sink
from slimmer.parallel import available_cores

PART_BYTES: Final = 4 * 1024 * 1024
_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"  # no flags, no time, of no known system
_TAIL: Final = struct.Struct("<II")


class GzipParts:
    """Compresses what is written, and hands it on in order."""

    def __init__(self, sink: Sink, level: int, workers: int | None = None):
        self._sink = sink
        self._level = level
        workers = workers or available_cores()
        self._most = workers + 1
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="gzip")
        self._ahead: deque[Future[bytes]] = deque()
        self._waiting = bytearray()
        #: The compressed size of each part, in order.
        self.part_sizes: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        while view:
            room = PART_BYTES - len(self._waiting)
            self._waiting += view[:room]
            view = view[room:]
            if len(self._waiting) == PART_BYTES:
                self._send()

    def close(self) -> None:
        """Hand on all that is left."""
        if self._waiting or not self.part_sizes + list(self._ahead):
            self._send()
        while self._ahead:
            self._hand_on()

    def _send(self) -> None:
        part, self._waiting = bytes(self._waiting), bytearray()
        self._ahead.append(self._pool.submit(_member, part, self._level))
        while len(self._ahead) > self._most:
            self._hand_on()

    def _hand_on(self) -> None:
        packed = self._ahead.popleft().result()
        self.part_sizes.append(len(packed))
        self._sink.write(packed)


def _member(data: bytes, level: int) -> bytes:
    packed = deflate.deflate_compress(data, level)
    return b"".join((_HEAD, packed, _TAIL.pack(deflate.crc32(data), len(data) & 0xFFFFFFFF)))
