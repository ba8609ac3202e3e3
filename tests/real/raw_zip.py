"""Reads a zip's headers byte by byte, so that nothing in them goes unseen.

Field by field as in PKWARE's APPNOTE.TXT 6.3.10: 4.3.7 local header, 4.3.12 central header,
4.3.16 end of central directory.
"""

import struct
from pathlib import Path
from typing import NamedTuple

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


class Common(NamedTuple):
    """What a local and a central header both say of a member."""

    name: bytes
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed_bytes: int
    size_bytes: int
    extra: bytes


class Member(NamedTuple):
    """A member's two headers, what only the central one says, and where the member lies."""

    central: Common
    local: Common
    made_by: int
    comment: bytes
    disk: int
    internal: int
    external: int
    begin: int
    end: int

    @property
    def mode(self) -> int:
        return self.external >> 16


class RawZip(NamedTuple):
    members: list[Member]
    directory: int  # where the central directory begins
    end: int  # and where it ends
    comment: bytes


def read(path: Path) -> RawZip:
    """Give every header of a zip that has no comment and is no zip64. Raises ValueError."""
    data = path.read_bytes()
    place = len(data) - _END.size
    magic, disk, start_disk, here, total, size, start, comment = _END.unpack_from(data, place)
    if magic != b"PK\5\6" or disk or start_disk or here != total or start + size != place:
        raise ValueError("the zip does not end with the directory's end")
    members = []
    at = start
    for _ in range(total):
        member, at = _member(data, at)
        members.append(member)
    return RawZip(members, start, at, data[place + _END.size :][:comment])


def _member(data: bytes, at: int) -> tuple[Member, int]:
    magic, made_by, *fields = _CENTRAL.unpack_from(data, at)
    *common, name, extra, comment, disk, internal, external, offset = fields
    if magic != b"PK\1\2":
        raise ValueError(f"no central header at {at}")
    central, after = _common(data, at + _CENTRAL.size, common, name, extra)
    magic, *common, name, extra = _LOCAL.unpack_from(data, offset)
    if magic != b"PK\3\4":
        raise ValueError(f"no local header at {offset}")
    local, body = _common(data, offset + _LOCAL.size, common, name, extra)
    end = body + local.packed_bytes
    text = data[after : after + comment]
    member = Member(central, local, made_by, text, disk, internal, external, offset, end)
    return member, after + comment


def _common(data: bytes, at: int, fields: list[int], name: int, extra: int) -> tuple[Common, int]:
    needed, flags, method, time, date, crc, packed_bytes, size_bytes = fields
    middle, end = at + name, at + name + extra
    sizes = (crc, packed_bytes, size_bytes)
    common = Common(data[at:middle], needed, flags, method, time, date, *sizes, data[middle:end])
    return common, end
