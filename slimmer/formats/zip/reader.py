"""The zip format as a reader that trusts nothing (PKWARE APPNOTE.TXT 6.3.10, chapter 4).

The central directory says what there is. What the local headers say otherwise, what
overlaps and what points outside is an error, so that no two readers can see different zips.
Everything works on bytes in memory or in a map, and takes time and memory in proportion to
the members.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data, Says, check_not_renamed, data_offset, extra_field
from slimmer.formats.zip.names import MAX_NAME_BYTES, normal
from slimmer.formats.zip.records import (
    CENTRAL,
    CENTRAL_MARK,
    ENCRYPTED,
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCATOR64,
    LOCATOR64_MARK,
    MASKED,
    PATCHED,
    STRONG,
    U16,
    U32,
    UNIX,
    UTF8_NAME,
    ZIP64_EXTRA,
    Central,
)

MAX_MEMBERS = 1_000_000  # far above what a zip without zip64 can hold
MAX_NESTED_BYTES = 1 << 29  # of all folders' paths; a million of 80 bytes, 8 deep, have 320 MB

_MAX_COMMENT_BYTES = 0xFFFF
_KINDS = {stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFREG: "file", 0: "file"}


class ZipMember(NamedTuple):
    """One name in a zip, as its central directory has it.

    ``path`` is where it is unpacked: the name without what changes nothing in it. ``kind`` is
    file, directory, link or special: a device, fifo or socket, or what is a folder by its mode
    and none by its name, or the other way round. ``mode`` is the
    permission bits, None where the zip was not made on Unix. ``compressed_bytes`` are those
    of the data alone, which begin at ``data_offset``; ``header_offset`` is where the
    member's own header begins. ``dos_time`` is its date, 16 bits, before its time. ``comment``
    and ``extra`` are what the directory says of this member beside its fields (4.5).
    """

    name: str
    raw_name: bytes
    path: str
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
    check_not_renamed(name, raw_name, extra)
    if record.flags & PATCHED:
        raise FormatError(f"{name!r} is a patch of other data, which nothing unpacks")
    header = offset + directory.shift
    is_unix = record.system == UNIX
    says = Says(name, raw_name, record, compressed_bytes, size_bytes)
    start = data_offset(data, header, says, directory.start)
    if start + compressed_bytes > directory.start:
        raise FormatError(f"the data of {name!r} runs into the central directory")
    return ZipMember(
        name=name,
        raw_name=raw_name,
        path=normal(name, is_unix=is_unix),
        kind=_kind(name, attributes if is_unix else 0, size_bytes),
        mode=stat.S_IMODE(attributes) if is_unix and attributes else None,
        method=record.method,
        encrypted=bool(record.flags & (ENCRYPTED | STRONG | MASKED)),
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
    field = extra_field(extra, ZIP64_EXTRA)
    wide: list[int] = []
    for number in numbers:
        if number == U32:
            if len(field) < 8:
                raise FormatError("its zip64 fields are broken")
            number, field = int.from_bytes(field[:8], "little"), field[8:]
        wide.append(number)
    return wide[0], wide[1], wide[2]


def _decoded(raw_name: bytes, flags: int) -> str:
    if not flags & UTF8_NAME and not raw_name.isascii():
        try:  # many writers put UTF-8 here without saying so, and no unzipper for Linux minds
            return raw_name.decode("utf-8")
        except UnicodeDecodeError:
            return raw_name.decode("cp437")
    return raw_name.decode("utf-8", "surrogateescape")


def _kind(name: str, attributes: int, size_bytes: int) -> str:
    """Return a member's kind, on which its name, its mode and its size must agree.

    Some unpackers go by the name's last slash, some by the mode.
    """
    kind = _KINDS.get(stat.S_IFMT(attributes), "special")
    if name.endswith("/"):
        return "directory" if kind in ("file", "directory") and not size_bytes else "special"
    return "special" if kind == "directory" else kind


def _check_apart(members: Iterable[ZipMember], directory: _Directory) -> int:
    """Return where the first member begins. Raises FormatError when two share any bytes."""
    end = 0
    in_order = sorted(members, key=lambda member: member.header_offset)
    for member in in_order:
        if member.header_offset < end:
            raise FormatError("two of its members overlap")
        end = member.data_offset + member.compressed_bytes
    return in_order[0].header_offset if in_order else directory.start
