"""The bytes of a zip's members: unpacked whole or in pieces, held to their size and checksum."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator

from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import Zip, ZipMember
from slimmer.formats.zip.records import DEFLATED, STORED

MAX_LINK_BYTES = 4096  # of a link's target, PATH_MAX

_PACKED_PIECE_BYTES = 64 * 1024


def content(data: Data, member: ZipMember, max_bytes: int) -> bytes:
    """Return the unpacked bytes of a member.

    Raises FormatError when they are more than ``max_bytes``, encrypted, packed by a method
    other than stored or deflate, or not what the size and the CRC-32 say.
    """
    if member.encrypted:
        raise FormatError(f"{member.name!r} is encrypted")
    if member.size_bytes > max_bytes:
        raise FormatError(f"{member.name!r} would unpack to {member.size_bytes} B")
    packed = data[member.data_offset : member.data_offset + member.compressed_bytes]
    if member.method == STORED:
        plain = bytes(packed)
    elif member.method == DEFLATED:
        plain = _inflate(packed, member)
    else:
        raise FormatError(f"{member.name!r} is packed by method {member.method}")
    if len(plain) != member.size_bytes or zlib.crc32(plain) != member.crc32:
        raise FormatError(f"{member.name!r} does not match its size or checksum")
    return plain


def head(data: Data, member: ZipMember, size_bytes: int) -> bytes:
    """Return the first bytes of a member; no more than these are unpacked.

    Raises FormatError as ``content`` does, for what is broken up to there.
    """
    found = b""
    for piece in pieces(data, member, size_bytes):
        found += piece
        if len(found) >= size_bytes:
            break
    return found[:size_bytes]


def link_targets(data: Data, archive: Zip) -> dict[str, str]:
    """Return what each link says, by its path; "" where that cannot be read."""
    return {m.path: _target(data, m) for m in archive.members if m.kind == "link"}


def _target(data: Data, link: ZipMember) -> str:
    try:
        return content(data, link, MAX_LINK_BYTES).decode("utf-8", "surrogateescape")
    except FormatError:
        return ""


def pieces(data: Data, member: ZipMember, piece_bytes: int) -> Iterator[bytes]:
    """Yield the unpacked bytes of a member, at most ``piece_bytes`` at once.

    Raises FormatError as ``content`` does, where needed after the last piece.
    """
    if member.encrypted:
        raise FormatError(f"{member.name!r} is encrypted")
    if member.method not in (STORED, DEFLATED):
        raise FormatError(f"{member.name!r} is packed by method {member.method}")
    size_bytes = crc32 = 0
    unpacked = _stored if member.method == STORED else _inflated
    for piece in unpacked(data, member, piece_bytes):
        size_bytes += len(piece)
        crc32 = zlib.crc32(piece, crc32)
        if size_bytes > member.size_bytes:
            break
        yield piece
    if size_bytes != member.size_bytes or crc32 != member.crc32:
        raise FormatError(f"{member.name!r} does not match its size or checksum")


def _inflate(packed: bytes | bytearray | memoryview, member: ZipMember) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = engine.decompress(packed, member.size_bytes + 1)
    except zlib.error:
        raise FormatError(f"the packed data of {member.name!r} is broken") from None
    if not engine.eof or engine.unused_data:
        raise FormatError(f"the packed data of {member.name!r} does not end where it should")
    return plain


def _stored(data: Data, member: ZipMember, piece_bytes: int) -> Iterator[bytes]:
    end = member.data_offset + member.compressed_bytes
    for at in range(member.data_offset, end, piece_bytes):
        yield bytes(data[at : min(at + piece_bytes, end)])


def _inflated(data: Data, member: ZipMember, piece_bytes: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    # What zlib holds back when a piece is full comes out when it is given nothing more.
    for packed in itertools.chain(_stored(data, member, _PACKED_PIECE_BYTES), (b"",)):
        if engine.eof and (packed or engine.unused_data):
            break
        try:
            piece = engine.decompress(packed, piece_bytes)
            while piece:
                yield piece
                piece = engine.decompress(engine.unconsumed_tail, piece_bytes)
        except zlib.error:
            raise FormatError(f"the packed data of {member.name!r} is broken") from None
    else:
        if engine.eof and not engine.unused_data:
            return
    raise FormatError(f"the packed data of {member.name!r} does not end where it should")
