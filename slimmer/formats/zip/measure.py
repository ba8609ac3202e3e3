"""What the members of a zip really hold, held to what its headers say of them.

Every member is unpacked once. A large one is unpacked in pieces, so that memory is bounded
whatever it says of itself; one that unpacks to more than it says ends there.
"""

from __future__ import annotations

import deflate

from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import ZipMember
from slimmer.formats.zip.records import DEFLATED, STORED
from slimmer.formats.zip.unpack import pieces

_QUICK_BYTES = 64 * 1024 * 1024  # of a member that is unpacked at once, into memory
_PIECE_BYTES = 1024 * 1024


def unpacked_quickly(data: Data, member: ZipMember, max_bytes: int) -> bytes | None:
    """Return the unpacked bytes of a member in a third of zlib's time; None where that fails.

    What stands behind the packed data is overlooked, as by every program that unpacks it. Size
    and CRC-32 are those that the zip says.
    """
    plain = _inflated(data, member, max_bytes)
    return None if plain is None else bytes(plain)


def why_broken(data: Data, member: ZipMember) -> str:
    """Return why a member does not unpack to what is said of it; empty for one that does.

    Nothing is known of one that is encrypted, or packed by another method than deflate.
    """
    if member.encrypted or member.method not in (STORED, DEFLATED):
        return ""
    if _inflated(data, member, _QUICK_BYTES) is not None:
        return ""
    try:
        for _ in pieces(data, member, _PIECE_BYTES):
            pass
    except FormatError as error:
        return str(error)
    return ""


def _inflated(data: Data, member: ZipMember, max_bytes: int) -> bytearray | None:
    if member.encrypted or member.method != DEFLATED or member.size_bytes > max_bytes:
        return None
    end = member.data_offset + member.compressed_bytes
    try:
        with memoryview(data) as view, view[member.data_offset : end] as packed:
            plain = deflate.deflate_decompress(packed, member.size_bytes)
    except deflate.DeflateError:
        return None
    is_whole = len(plain) == member.size_bytes and deflate.crc32(plain) == member.crc32
    return plain if is_whole else None
