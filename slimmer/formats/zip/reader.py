"""The zip format as a reader that trusts nothing (PKWARE APPNOTE.TXT 6.3.10, chapter 4).

The central directory says what there is. What the local headers say otherwise, what
overlaps and what points outside is an error, so that no two readers can see different zips.
Everything works on bytes in memory or in a map, and takes time and memory in proportion to
the members.
"""

from __future__ import annotations

import mmap
import stat
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError
from slimmer.formats.zip.records import (
    CENTRAL,
    CENTRAL_MARK,
    ENCRYPTED,
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCAL,
    LOCAL_MARK,
    LOCATOR64,
    LOCATOR64_MARK,
    MASKED,
    U16,
    U32,
    UNIX,
    UTF8_NAME,
    ZIP64_EXTRA,
    Central,
    Local,
)

Data: TypeAlias = bytes | bytearray | memoryview | mmap.mmap

MAX_MEMBERS = 1_000_000  # far above what a zip without zip64 can hold
MAX_NAME_BYTES = 4096  # as long as a path may be on Linux, PATH_MAX
MAX_NESTED_BYTES = 1 << 29  # of all folders' paths; a million of 80 bytes, 8 deep, have 320 MB

_MAX_COMMENT_BYTES = 0xFFFF
_KINDS = {stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFREG: "file", 0: "file"}


class ZipMember(NamedTuple):
    """One name in a zip, as its central directory has it.

    ``kind`` is file, directory, link or special (device, fifo, socket). ``mode`` is the
    permission bits, None where the zip was not made on Unix. ``compressed_bytes`` are those
    of the data alone, which begin at ``data_offset``; ``header_offset`` is where the
    member's own header begins. ``dos_time`` is its date, 16 bits, before its time. ``comment``
    and ``extra`` are what the directory says of this member beside its fields (4.5).
    """

    name: str
    raw_name: bytes
    kind: str
    mode: int | None
    method: int
    encrypted: bool
    crc32: int
    compressed_bytes: int
    size_bytes: int
    header_offset: int
    data_offset: int
    dos_time: int
    comment: bytes
    extra: bytes


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
    if CENTRAL.size * directory.members > directory.end - directory.start:
        raise FormatError("its central directory is shorter than its members")
    members = tuple(_members(data, directory))
    first = _check_apart(members, directory)
    return Zip(members, first, directory.trailing_bytes, directory.comment, directory.is_zip64)


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


def _directory(data: Data) -> _Directory:
    place = _find_end(data)
    _, disk, first_disk, here, count, size, offset, comment_size = END.unpack_from(data, place)
    end = place
    is_zip64 = U16 in (disk, first_disk, here, count) or U32 in (size, offset)
    locator = place - LOCATOR64.size
    if is_zip64 and locator >= 0 and data[locator : locator + 4] == LOCATOR64_MARK:
        end = _end64(data, locator)
        _, _, _, _, disk, first_disk, here, count, size, offset = END64.unpack_from(data, end)
    else:
        is_zip64 = False
    if disk or first_disk or here != count:
        raise FormatError("it is one part of a zip over several disks")
    start = end - size
    if start < 0 or offset > start:
        raise FormatError("its central directory does not lie where it says")
    comment = bytes(data[place + END.size : place + END.size + comment_size])
    trailing = len(data) - place - END.size - comment_size
    return _Directory(start, end, count, start - offset, comment, trailing, is_zip64)


def _find_end(data: Data) -> int:
    """Return where the end record begins: the last one whose comment fits into the file."""
    lowest = max(0, len(data) - END.size - _MAX_COMMENT_BYTES)
    tail = bytes(data[lowest:])
    place = tail.rfind(END_MARK)
    while place >= 0:
        whole = len(tail) - place >= END.size
        if whole and place + END.size + END.unpack_from(tail, place)[7] <= len(tail):
            return lowest + place
        place = tail.rfind(END_MARK, 0, place)
    raise FormatError("it is not a zip, or its end is missing")


def _end64(data: Data, locator: int) -> int:
    _, disk, place, disks = LOCATOR64.unpack_from(data, locator)
    # Data before the zip moves the record; it stands right before its locator all the same.
    place = locator - END64.size if place + END64.size != locator else place
    if disk or disks > 1 or place < 0 or data[place : place + 4] != END64_MARK:
        raise FormatError("its zip64 end record is missing or on another disk")
    return place


def _members(data: Data, directory: _Directory) -> Iterator[ZipMember]:
    place = directory.start
    nested_bytes = 0
    for _ in range(directory.members):
        if place + CENTRAL.size > directory.end or data[place : place + 4] != CENTRAL_MARK:
            raise FormatError("its central directory is broken")
        record = Central._make(CENTRAL.unpack_from(data, place))
        name_at = place + CENTRAL.size
        extra_at = name_at + record.name_bytes
        place = extra_at + record.extra_bytes + record.comment_bytes
        if place > directory.end:
            raise FormatError("its central directory is broken")
        if record.name_bytes > MAX_NAME_BYTES:
            raise FormatError("a member's name is longer than any path may be")
        raw_name = bytes(data[name_at:extra_at])
        nested_bytes += raw_name.count(b"/") * record.name_bytes // 2
        if nested_bytes > MAX_NESTED_BYTES:
            raise FormatError("its members lie in too many folders inside folders")
        extra = bytes(data[extra_at : extra_at + record.extra_bytes])
        comment = bytes(data[place - record.comment_bytes : place])
        yield _member(data, record, raw_name, extra, comment, directory)
    if place != directory.end:
        raise FormatError("its central directory is longer than its members")


def _member(
    data: Data,
    record: Central,
    raw_name: bytes,
    extra: bytes,
    comment: bytes,
    directory: _Directory,
) -> ZipMember:
    size_bytes, compressed_bytes, offset = _wide(record, extra)
    attributes = record.attributes >> 16
    name = _decoded(raw_name, record.flags)
    header = offset + directory.shift
    is_unix = record.system == UNIX
    start = _data_offset(data, header, raw_name, record, directory.start)
    if start + compressed_bytes > directory.start:
        raise FormatError(f"the data of {name!r} runs into the central directory")
    return ZipMember(
        name=name,
        raw_name=raw_name,
        kind=_kind(name, attributes if is_unix else 0),
        mode=stat.S_IMODE(attributes) if is_unix and attributes else None,
        method=record.method,
        encrypted=bool(record.flags & (ENCRYPTED | MASKED)),
        crc32=record.crc32,
        compressed_bytes=compressed_bytes,
        size_bytes=size_bytes,
        header_offset=header,
        data_offset=start,
        dos_time=record.dos_time,
        comment=comment,
        extra=extra,
    )


def _wide(record: Central, extra: bytes) -> tuple[int, int, int]:
    """Return a member's two sizes and its place, from its zip64 field where they are there."""
    numbers = record.size_bytes, record.compressed_bytes, record.header_offset
    if U32 not in numbers:
        return numbers
    field = _extra_field(extra, ZIP64_EXTRA)
    wide: list[int] = []
    for number in numbers:
        if number == U32:
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
    if not flags & UTF8_NAME and not raw_name.isascii():
        try:  # many writers put UTF-8 here without saying so, and no unzipper for Linux minds
            return raw_name.decode("utf-8")
        except UnicodeDecodeError:
            return raw_name.decode("cp437")
    return raw_name.decode("utf-8", "surrogateescape")


def _kind(name: str, attributes: int) -> str:
    kind = _KINDS.get(stat.S_IFMT(attributes), "special")
    return "directory" if name.endswith("/") and kind == "file" else kind


def _data_offset(data: Data, header: int, raw_name: bytes, record: Central, end: int) -> int:
    """Return where a member's data begins, once its own header agrees with the directory's."""
    if not 0 <= header <= end - LOCAL.size or data[header : header + 4] != LOCAL_MARK:
        raise FormatError("a member does not lie where the central directory says")
    local = Local._make(LOCAL.unpack_from(data, header))
    name_at = header + LOCAL.size
    if bytes(data[name_at : name_at + local.name_bytes]) != raw_name:
        raise FormatError("a member's own header gives it another name")
    if local.method != record.method or (local.flags ^ record.flags) & ENCRYPTED:
        raise FormatError("a member's own header gives it another method")
    return name_at + local.name_bytes + local.extra_bytes


def _check_apart(members: Iterable[ZipMember], directory: _Directory) -> int:
    """Return where the first member begins. Raises FormatError when two share any bytes."""
    end = 0
    in_order = sorted(members, key=lambda member: member.header_offset)
    for member in in_order:
        if member.header_offset < end:
            raise FormatError("two of its members overlap")
        end = member.data_offset + member.compressed_bytes
    return in_order[0].header_offset if in_order else directory.start
