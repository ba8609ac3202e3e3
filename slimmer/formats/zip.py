"""The zip format as a reader that trusts nothing (PKWARE APPNOTE.TXT 6.3.10, chapter 4).

The central directory says what there is. What the local headers say otherwise, what
overlaps and what points outside is an error, so that no two readers can see different zips.
Everything works on bytes in memory or in a map, and takes time and memory in proportion to
the members.
"""

from __future__ import annotations

import itertools
import mmap
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError

Data: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

ARCHIVES = (".jar", ".war", ".zip", ".ez", ".whl")  # endings of files that are zips
STORED, DEFLATED = 0, 8
MAX_MEMBERS = 1_000_000  # far above what a zip without zip64 can hold
MAX_NAME_BYTES = 4096  # as long as a path may be on Linux, PATH_MAX
MAX_NESTED_BYTES = 1 << 29  # of all folders' paths; a million of 80 bytes, 8 deep, have 320 MB

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s2B4HL2L2H")
_MAX_COMMENT_BYTES = 0xFFFF
_PACKED_PIECE_BYTES = 64 * 1024
_ENCRYPTED, _UTF8, _MASKED = 0x1, 0x800, 0x2000
_UNIX = 3
_ZIP64_EXTRA = 1
_U16, _U32 = 0xFFFF, 0xFFFFFFFF
_KINDS = {stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFREG: "file", 0: "file"}


class ZipMember(NamedTuple):
    """One name in a zip, as its central directory has it.

    ``kind`` is file, directory, link or special (device, fifo, socket). ``mode`` is the
    permission bits, None where the zip was not made on Unix. ``packed_bytes`` are those
    of the data alone, which begin at ``data_offset``; ``header_offset`` is where the
    member's own header begins. ``dos_time`` is its date, 16 bits, before its time. ``comment``
    is the directory's on this member.
    """

    name: str
    raw_name: bytes
    kind: str
    mode: int | None
    method: int
    encrypted: bool
    crc32: int
    packed_bytes: int
    size_bytes: int
    header_offset: int
    data_offset: int
    dos_time: int
    comment: bytes


@dataclass(frozen=True)
class Zip:
    """What a zip holds, in the order of its central directory.

    ``prefix_bytes`` stand before the first member, ``trailing_bytes`` behind the end record.
    """

    members: tuple[ZipMember, ...]
    prefix_bytes: int
    trailing_bytes: int
    comment: bytes
    is_zip64: bool

    @cached_property
    def duplicates(self) -> tuple[str, ...]:
        """The names that more than one member has, ``a`` and ``a/`` among them."""
        counts = Counter(member.name.rstrip("/") for member in self.members)
        return tuple(sorted(name for name, count in counts.items() if count > 1))


class _Directory(NamedTuple):
    """Where the central directory lies, and what the end record says of it."""

    start: int
    end: int
    members: int
    shift: int
    comment: bytes
    trailing_bytes: int
    is_zip64: bool


def read_zip(data: Data, max_members: int = MAX_MEMBERS) -> Zip:
    """Return what a zip holds, without unpacking anything.

    Raises FormatError for what is no zip, is broken, spans disks, says two things at
    once, holds more than ``max_members``, or nests their folders so deep that a list of these
    would fill the memory.
    """
    directory = _directory(data)
    if directory.members > max_members:
        raise FormatError(f"it says that it holds {directory.members} members")
    if _CENTRAL.size * directory.members > directory.end - directory.start:
        raise FormatError("its central directory is shorter than its members")
    members = tuple(_members(data, directory))
    first = _check_apart(members, directory)
    return Zip(members, first, directory.trailing_bytes, directory.comment, directory.is_zip64)


def content(data: Data, member: ZipMember, max_bytes: int) -> bytes:
    """Return the unpacked bytes of a member.

    Raises FormatError when they are more than ``max_bytes``, encrypted, packed by a method
    other than stored or deflate, or not what the size and the CRC-32 say.
    """
    if member.encrypted:
        raise FormatError(f"{member.name!r} is encrypted")
    if member.size_bytes > max_bytes:
        raise FormatError(f"{member.name!r} would unpack to {member.size_bytes} B")
    packed = data[member.data_offset : member.data_offset + member.packed_bytes]
    if member.method == STORED:
        plain = bytes(packed)
    elif member.method == DEFLATED:
        plain = _inflate(packed, member)
    else:
        raise FormatError(f"{member.name!r} is packed by method {member.method}")
    if len(plain) != member.size_bytes or zlib.crc32(plain) != member.crc32:
        raise FormatError(f"{member.name!r} does not match its size or checksum")
    return plain


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


def is_unsafe(name: str) -> str:
    """Return why a name must not be unpacked; empty for one that stays in its folder."""
    if not name.rstrip("/"):
        return "an empty name"
    if "\0" in name:
        return "a name with a NUL in it"
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        return "an absolute name"
    if ".." in name.replace("\\", "/").split("/"):
        return "a name that climbs out"
    return ""


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
    end = member.data_offset + member.packed_bytes
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


def _directory(data: Data) -> _Directory:
    place = _find_end(data)
    _, disk, first_disk, here, count, size, offset, comment_size = _END.unpack_from(data, place)
    end = place
    is_zip64 = _U16 in (disk, first_disk, here, count) or _U32 in (size, offset)
    locator = place - _LOCATOR64.size
    if is_zip64 and locator >= 0 and data[locator : locator + 4] == b"PK\x06\x07":
        end = _end64(data, locator)
        _, _, _, _, disk, first_disk, here, count, size, offset = _END64.unpack_from(data, end)
    else:
        is_zip64 = False
    if disk or first_disk or here != count:
        raise FormatError("it is one part of a zip over several disks")
    start = end - size
    if start < 0 or offset > start:
        raise FormatError("its central directory does not lie where it says")
    comment = bytes(data[place + _END.size : place + _END.size + comment_size])
    trailing = len(data) - place - _END.size - comment_size
    return _Directory(start, end, count, start - offset, comment, trailing, is_zip64)


def _find_end(data: Data) -> int:
    """Return where the end record begins: the last one whose comment fits into the file."""
    lowest = max(0, len(data) - _END.size - _MAX_COMMENT_BYTES)
    tail = bytes(data[lowest:])
    place = tail.rfind(b"PK\x05\x06")
    while place >= 0:
        whole = len(tail) - place >= _END.size
        if whole and place + _END.size + _END.unpack_from(tail, place)[7] <= len(tail):
            return lowest + place
        place = tail.rfind(b"PK\x05\x06", 0, place)
    raise FormatError("it is no zip, or its end is missing")


def _end64(data: Data, locator: int) -> int:
    _, disk, place, disks = _LOCATOR64.unpack_from(data, locator)
    # Data before the zip moves the record; it stands right before its locator all the same.
    place = locator - _END64.size if place + _END64.size != locator else place
    if disk or disks > 1 or place < 0 or data[place : place + 4] != b"PK\x06\x06":
        raise FormatError("its zip64 end record is missing or on another disk")
    return place


def _members(data: Data, directory: _Directory) -> Iterator[ZipMember]:
    place = directory.start
    nested_bytes = 0
    for _ in range(directory.members):
        if place + _CENTRAL.size > directory.end or data[place : place + 4] != b"PK\x01\x02":
            raise FormatError("its central directory is broken")
        fields = _CENTRAL.unpack_from(data, place)
        name_size, extra_size, comment_size = fields[12:15]
        name_at = place + _CENTRAL.size
        extra_at = name_at + name_size
        place = extra_at + extra_size + comment_size
        if place > directory.end:
            raise FormatError("its central directory is broken")
        if name_size > MAX_NAME_BYTES:
            raise FormatError("a member's name is longer than any path may be")
        raw_name = bytes(data[name_at:extra_at])
        nested_bytes += raw_name.count(b"/") * name_size // 2
        if nested_bytes > MAX_NESTED_BYTES:
            raise FormatError("its members lie in too many folders inside folders")
        extra = bytes(data[extra_at : extra_at + extra_size])
        comment = bytes(data[place - comment_size : place])
        yield _member(data, fields, raw_name, extra, directory)._replace(comment=comment)
    if place != directory.end:
        raise FormatError("its central directory is longer than its members")


def _member(
    data: Data, fields: tuple[int, ...], raw_name: bytes, extra: bytes, directory: _Directory
) -> ZipMember:
    system, flags, method, crc32 = fields[2], fields[5], fields[6], fields[9]
    size, packed, offset = _wide(fields[11], fields[10], fields[18], extra)
    attributes = fields[17] >> 16
    name = _decoded(raw_name, flags)
    header = offset + directory.shift
    kind = _kind(name, attributes if system == _UNIX else 0)
    mode = stat.S_IMODE(attributes) if system == _UNIX and attributes else None
    start = _data_offset(data, header, raw_name, method, flags, directory.start)
    if start + packed > directory.start:
        raise FormatError(f"the data of {name!r} runs into the central directory")
    encrypted = bool(flags & (_ENCRYPTED | _MASKED))
    return ZipMember(
        name,
        raw_name,
        kind,
        mode,
        method,
        encrypted,
        crc32,
        packed,
        size,
        header,
        start,
        fields[8] << 16 | fields[7],
        b"",
    )


def _wide(size: int, packed: int, offset: int, extra: bytes) -> tuple[int, int, int]:
    """Return the three numbers of a member, taken from its zip64 field where they are there."""
    if _U32 not in (size, packed, offset):
        return size, packed, offset
    field = _extra_field(extra, _ZIP64_EXTRA)
    wide: list[int] = []
    for number in (size, packed, offset):
        if number == _U32:
            if len(field) < 8:
                raise FormatError("its zip64 fields are broken")
            number, field = int.from_bytes(field[:8], "little"), field[8:]
        wide.append(number)
    return wide[0], wide[1], wide[2]


def _extra_field(extra: bytes, wanted: int) -> bytes:
    place = 0
    while place + 4 <= len(extra):
        tag, size = struct.unpack_from("<2H", extra, place)
        if tag == wanted:
            return extra[place + 4 : place + 4 + size]
        place += 4 + size
    return b""


def _decoded(raw_name: bytes, flags: int) -> str:
    if not flags & _UTF8 and not raw_name.isascii():
        try:  # many writers put UTF-8 here without saying so, and no unzipper for Linux minds
            return raw_name.decode("utf-8")
        except UnicodeDecodeError:
            return raw_name.decode("cp437")
    return raw_name.decode("utf-8", "surrogateescape")


def _kind(name: str, attributes: int) -> str:
    kind = _KINDS.get(stat.S_IFMT(attributes), "special")
    return "directory" if name.endswith("/") and kind == "file" else kind


def _data_offset(
    data: Data, header: int, raw_name: bytes, method: int, flags: int, end: int
) -> int:
    """Return where a member's data begins, once its own header agrees with the directory's."""
    if not 0 <= header <= end - _LOCAL.size or data[header : header + 4] != b"PK\x03\x04":
        raise FormatError("a member does not lie where the central directory says")
    fields = _LOCAL.unpack_from(data, header)
    name_at = header + _LOCAL.size
    if bytes(data[name_at : name_at + fields[10]]) != raw_name:
        raise FormatError("a member's own header gives it another name")
    if fields[4] != method or (fields[3] ^ flags) & _ENCRYPTED:
        raise FormatError("a member's own header gives it another method")
    return name_at + int(fields[10]) + int(fields[11])


def _check_apart(members: Iterable[ZipMember], directory: _Directory) -> int:
    """Return where the first member begins. Raises FormatError when two share any bytes."""
    end = 0
    in_order = sorted(members, key=lambda member: member.header_offset)
    for member in in_order:
        if member.header_offset < end:
            raise FormatError("two of its members overlap")
        end = member.data_offset + member.packed_bytes
    return in_order[0].header_offset if in_order else directory.start
