"""A member's own header, held to what the central directory says (APPNOTE.TXT 6.3.10, 4.3.7)."""

from __future__ import annotations

import mmap
import struct
import zlib
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError
from slimmer.formats.zip.names import MAX_NAME_BYTES
from slimmer.formats.zip.records import (
    DEFLATED,
    DESCRIBED,
    DESCRIPTOR_MARK,
    ENCRYPTED,
    LOCAL,
    LOCAL_MARK,
    PATCHED,
    STORED,
    STRONG,
    U32,
    UNICODE_PATH_EXTRA,
    ZIP64_EXTRA,
    Central,
    Local,
)

Data: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

_UNICODE_PATH = UNICODE_PATH_EXTRA.to_bytes(2, "little")
_SAME = ENCRYPTED | PATCHED | STRONG  # flags that both headers must agree on
_MAX_VERSION = 46  # needed to unpack: 4.6; what is stored or deflated needs 4.5 at most, 4.4.3.2
_MAX_METHOD = 99  # of those that have a number, 4.4.5
_DESCRIPTOR_BYTES = 24
_PIECE_BYTES = 1 << 20


class Says(NamedTuple):
    """What the central directory says of a member, which its own header must say too."""

    name: str
    raw_name: bytes
    record: Central
    compressed_bytes: int
    size_bytes: int


def data_offset(data: Data, header: int, says: Says, end: int) -> int:
    """Return where a member's data begins, once its own header agrees with the directory's."""
    if not 0 <= header <= end - LOCAL.size or data[header : header + 4] != LOCAL_MARK:
        raise FormatError("a member does not lie where the central directory says")
    local = Local._make(LOCAL.unpack_from(data, header))
    name_at = header + LOCAL.size
    extra_at = name_at + local.name_bytes
    if bytes(data[name_at:extra_at]) != says.raw_name:
        raise FormatError("a member's own header gives it another name")
    if local.method != says.record.method or (local.flags ^ says.record.flags) & _SAME:
        raise FormatError("a member's own header gives it another method")
    start = extra_at + local.extra_bytes
    extra = bytes(data[extra_at:start])
    check_not_renamed(says.name, says.raw_name, extra)
    _check_same_sizes(local, extra, says)
    version = local.version & 0xFF, says.record.version & 0xFF
    if (
        max(version) > _MAX_VERSION
        and says.record.method in (STORED, DEFLATED)
        and not local.flags & 1
    ):
        raise FormatError(f"{says.name!r} asks for a newer unpacker than there is")
    end_at = start + says.compressed_bytes
    if local.flags & DESCRIBED:
        _check_descriptor(bytes(data[end_at : end_at + _DESCRIPTOR_BYTES]), says)
    return start


def check_no_member(data: Data, start: int, end: int) -> None:
    """Raise FormatError where a member lies between two places of which no directory speaks."""
    if end - start < LOCAL.size:  # as what describes a member's data behind it
        return
    for at in range(start, end, _PIECE_BYTES):
        piece = bytes(data[at : min(at + _PIECE_BYTES + LOCAL.size + MAX_NAME_BYTES, end)])
        place = piece.find(LOCAL_MARK)
        while 0 <= place <= len(piece) - LOCAL.size:
            local = Local._make(LOCAL.unpack_from(piece, place))
            name = piece[place + LOCAL.size :][: local.name_bytes]
            is_named = 0 < local.name_bytes == len(name) and b"\0" not in name
            if is_named and local.version & 0xFF <= _MAX_VERSION and local.method <= _MAX_METHOD:
                raise FormatError("a member lies in it that its central directory does not list")
            place = piece.find(LOCAL_MARK, place + 1)


def _check_descriptor(found: bytes, says: Says) -> None:
    """Raise FormatError where what stands behind a member's data does not describe it (4.3.9)."""
    found = found.removeprefix(DESCRIPTOR_MARK)
    sizes = says.compressed_bytes, says.size_bytes
    wide = struct.pack("<L2Q", says.record.crc32, *sizes)
    narrow = wide if max(sizes) > U32 else struct.pack("<3L", says.record.crc32, *sizes)
    if not found.startswith((wide, narrow)):
        raise FormatError(f"what stands behind {says.name!r} does not describe it")


def _check_same_sizes(local: Local, extra: bytes, says: Says) -> None:
    """Raise FormatError where a member's own header gives another size or checksum.

    One that was written before its data has zeros, and says so (4.4.4, bit 3).
    """
    wanted = (says.record.crc32, says.compressed_bytes, says.size_bytes)
    found = (local.crc32, local.compressed_bytes, local.size_bytes)
    if found == wanted and U32 not in found:
        return
    if U32 in found[1:]:  # both are then in the zip64 field, 4.5.3
        wide = extra_field(extra, ZIP64_EXTRA)
        if len(wide) < 16:
            raise FormatError("its zip64 fields are broken")
        sizes = struct.unpack_from("<2Q", wide)
        found = (local.crc32, sizes[1], sizes[0])
    described = local.flags & DESCRIBED
    if any(
        mine != theirs and (mine or not described)
        for mine, theirs in zip(found, wanted, strict=True)
    ):
        raise FormatError(f"the own header of {says.name!r} gives it another size or checksum")


def check_not_renamed(name: str, raw_name: bytes, extra: bytes) -> None:
    """Raise FormatError for an extra field by which some unpackers call a member otherwise.

    It counts only with the CRC-32 of the name that it stands for (4.6.9).
    """
    if _UNICODE_PATH not in extra:  # as in nearly every zip
        return
    field = extra_field(extra, UNICODE_PATH_EXTRA)
    if len(field) < 5 or field[0] != 1 or field[1:5] != zlib.crc32(raw_name).to_bytes(4, "little"):
        return
    if field[5:] != name.encode("utf-8", "surrogateescape"):
        raise FormatError(f"an extra field gives {name!r} another name")


def extra_field(extra: bytes, wanted: int) -> bytes:
    """Return the data of an extra field by its number; nothing where it is not there."""
    if wanted.to_bytes(2, "little") not in extra:
        return b""  # as for nearly every member
    place = 0
    while place + 4 <= len(extra):
        tag, size = struct.unpack_from("<2H", extra, place)
        if tag == wanted:
            return extra[place + 4 : place + 4 + size]
        place += 4 + size
    return b""
