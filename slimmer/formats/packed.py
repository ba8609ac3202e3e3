"""One stream that was compressed: gzip (RFC 1952), bzip2 and xz, unpacked within a bound."""

from __future__ import annotations

import zlib
from typing import Protocol

from slimmer.formats import FormatError

_GZIP, _BZIP2, _XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00"
_XZ_MEMORY_BYTES = 128 * 1024 * 1024  # of its decoder; what xz -9 makes needs 65 MiB
PACKED = (_GZIP, _BZIP2, _XZ)  # by which a file of these begins
FOREIGN = {
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x04\x22\x4d\x18": "LZ4",
    b"\x1f\x9d\x90": "compress",
    b"]\0\0\x80\0": "LZMA",
    b"LZIP\x01": "lzip",
    b"\x89LZO\0": "lzop",
    b"\xff\x06\0\0sNaPpY": "Snappy",
    b"MSCF\0\0\0\0": "Microsoft's cabinets",
    b"xar!\0": "xar",
    b"hsqs": "SquashFS",
    b"!<arch>\ndebian-binary": "dpkg",
    b"\xed\xab\xee\xdb": "RPM",
}


class _Engine(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def is_packed(head: bytes) -> bool:
    """Return whether a file that begins so is a stream that ``unpacked`` takes."""
    return head.startswith(PACKED)


def foreign_packer(head: bytes) -> str:
    """Return what packed a file that nothing here unpacks; empty for any other file."""
    if not head.startswith(tuple(FOREIGN)):
        return ""
    return next(name for magic, name in FOREIGN.items() if head.startswith(magic))


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """Return what a stream, or several one after the other, unpack to.

    Raises FormatError for what is broken, ends early or is more than ``max_bytes``. Zeros and
    other bytes behind the last stream are overlooked, as by the programs that made them.
    """
    found = bytearray()
    while data and is_packed(data):
        engine, errors = _engine(data)
        try:
            found += engine.decompress(data, max_bytes + 1 - len(found))
        except errors:
            raise FormatError("its packed data is broken") from None
        if len(found) > max_bytes:
            raise FormatError(f"it unpacks to more than {max_bytes // 2**20} MiB")
        if not engine.eof:
            raise FormatError("its packed data ends early")
        data = engine.unused_data
    return bytes(found)


def _engine(data: bytes) -> tuple[_Engine, tuple[type[Exception], ...]]:
    """Return what unpacks a stream, and what it raises where that fails."""
    if data.startswith(_GZIP):
        return zlib.decompressobj(16 + zlib.MAX_WBITS), (zlib.error,)
    try:  # not every Python was built with these
        if data.startswith(_BZIP2):
            import bz2  # noqa: PLC0415

            return bz2.BZ2Decompressor(), (OSError, EOFError, ValueError)
        import lzma  # noqa: PLC0415
    except ImportError:
        raise FormatError("this Python cannot unpack it") from None
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES), (lzma.LZMAError, EOFError)
