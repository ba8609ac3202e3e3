"""The records of the zip format, laid out once (PKWARE APPNOTE.TXT 6.3.10, chapter 4.3)."""

from __future__ import annotations

import struct
from typing import NamedTuple

STORED, DEFLATED = 0, 8  # 4.4.5
ENCRYPTED, DESCRIBED, PATCHED, STRONG = 0x1, 0x8, 0x20, 0x40  # bits of the flags, 4.4.4
UTF8_NAME, MASKED = 0x800, 0x2000
UNIX = 3  # the system that external attributes speak of, 4.4.2.2
DOS_FOLDER = 0x10  # in the lower half of the external attributes
VERSION = 20  # deflate and folders, 4.4.3.2
ZIP64_EXTRA, UNICODE_PATH_EXTRA = 1, 0x7075  # 4.5.3, 4.6.9
U16, U32 = 0xFFFF, 0xFFFFFFFF

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
DESCRIPTOR_MARK = b"PK\x07\x08"
END64_MARK, LOCATOR64_MARK = b"PK\x06\x06", b"PK\x06\x07"

LOCAL = struct.Struct("<4s3H4L2H")
CENTRAL = struct.Struct("<4s2B3H4L5H2L")


class Local(NamedTuple):
    """A member's own header (4.3.7), without its name and extra fields."""

    mark: bytes
    version: int
    flags: int
    method: int
    dos_time: int
    crc32: int
    compressed_bytes: int
    size_bytes: int
    name_bytes: int
    extra_bytes: int


class Central(NamedTuple):
    """A member's record in the central directory (4.3.12), without what follows its fields."""

    mark: bytes
    made_version: int
    system: int
    version: int
    flags: int
    method: int
    dos_time: int
    crc32: int
    compressed_bytes: int
    size_bytes: int
    name_bytes: int
    extra_bytes: int
    comment_bytes: int
    disk: int
    internal: int
    attributes: int
    header_offset: int
