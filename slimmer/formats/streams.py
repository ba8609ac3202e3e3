"""Streams that were compressed, gzip (RFC 1952) and zstd (RFC 8878), unpacked piece by piece."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from slimmer.formats import FormatError

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
STREAMS = (GZIP, ZSTD)  # by which a file of these begins
_PIECE_BYTES = 1024 * 1024  # that are unpacked at once
_WINDOW_LOG = 27  # of zstd's window, 128 MiB: as much as its own tool unpacks without being asked


class _Engine(Protocol):
    #: Whether the stream has ended.
    eof: bool
    #: What came behind it.
    rest: bytes

    def feed(self, data: bytes) -> Iterator[bytes]: ...


def plain_pieces(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """Yield what a stream, or several one after the other, unpack to.

    Raises FormatError for what is broken, ends early or is more than ``max_bytes``. Zeros behind
    the last stream are overlooked.
    """
    engine: _Engine | None = None
    left_bytes, make = max_bytes, None
    for piece in pieces:
        data = piece
        make = make or (_Gzip if data.startswith(GZIP[:1]) else _Zstd)
        while data:
            if engine is None:
                data = data.lstrip(b"\0")
                if not data:
                    break
                engine = make()
            for found in engine.feed(data):
                left_bytes -= len(found)
                if left_bytes < 0:
                    raise FormatError(f"it unpacks to more than {max_bytes // 10**6:,} MB")
                yield found
            data = engine.rest
            engine = None if engine.eof else engine
    if engine is not None:
        raise FormatError("its packed data ends early")


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self.eof, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self.eof:
            try:
                found = self._stream.decompress(data, _PIECE_BYTES)
            except zlib.error:
                raise FormatError("its packed data is broken") from None
            data, self.eof = self._stream.unconsumed_tail, self._stream.eof
            yield found
        self.rest = self._stream.unused_data


class _Zstd:
    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415
        else:
            from backports import zstd  # noqa: PLC0415

        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
        self._stream = zstd.ZstdDecompressor(options=options)
        self._error = zstd.ZstdError
        self.eof, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self.eof:
            try:
                found = self._stream.decompress(data, _PIECE_BYTES)
            except self._error:
                raise FormatError("its packed data is broken") from None
            data, self.eof = b"", self._stream.eof
            yield found
            if self._stream.needs_input:
                break
        self.rest = self._stream.unused_data if self.eof else b""
