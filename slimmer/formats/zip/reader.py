"""The zip format as a reader that trusts nothing (PKWARE APPNOTE.TXT 6.3.10, chapter 4).

The central directory says what there is. What the local headers say otherwise, what
overlaps and what points outside is an error, so that no two readers can see different zips.
Everything works on bytes in memory or in a map, and takes time and memory in proportion to
the members.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.zip.directory import Directory, find_directory
from slimmer.formats.zip.headers import (
    Data,
    Says,
    check_no_member,
    check_not_renamed,
    data_offset,
    extra_field,
)
from slimmer.formats.zip.kinds import kind_of
from slimmer.formats.zip.names import MAX_NAME_BYTES, normal
from slimmer.formats.zip.records import (
    CENTRAL,
    CENTRAL_MARK,
    ENCRYPTED,
    MASKED,
    PATCHED,
    STRONG,
    U32,
    UNIX,
    UTF8_NAME,
    ZIP64_EXTRA,
    Central,
)

MAX_MEMBERS = 1_000_000  # far above what a zip without zip64 can hold
MAX_NESTED_BYTES = 1 << 29  # of all folders' paths; a million of 80 bytes, 8 deep, have 320 MB


class ZipMember(NamedTuple):
    """One name in a zip, as its central directory has it.

    ``path`` is where it is unpacked: the name without what changes nothing in it. ``kind`` is
    file, directory, link or special, as :mod:`slimmer.formats.zip.kinds` has it. ``mode`` is the
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


class Zip(NamedTuple):
    """What a zip holds, in the order of its central directory.

    ``prefix_bytes`` stand before the first member, ``trailing_bytes`` behind the end record.
    """

    members: tuple[ZipMember, ...]
    prefix_bytes: int
    trailing_bytes: int
    comment: bytes
    is_zip64: bool


def read_zip(data: Data, max_members: int = MAX_MEMBERS) -> Zip:
    """Return what a zip holds, without unpacking anything.

    Raises FormatError for what is no zip, is broken, spans disks, says two things at
    once, holds more than ``max_members``, or nests their folders so deep that a list of these
    would fill the memory.
    """
    directory = find_directory(data)
    if directory.members > max_members:
        raise FormatError(f"it says that it holds {directory.members} members")
    if CENTRAL.size * directory.members > directory.end - directory.start:
        raise FormatError("its central directory is shorter than its members")
    members = tuple(_members(data, directory))
    first = _check_apart(data, members, directory)
    return Zip(members, first, directory.trailing_bytes, directory.comment, directory.is_zip64)


def _members(data: Data, directory: Directory) -> Iterator[ZipMember]:
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
    directory: Directory,
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
        kind=kind_of(name, record, size_bytes, extra),
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


def _check_apart(data: Data, members: Iterable[ZipMember], directory: Directory) -> int:
    """Return where the first member begins.

    Raises FormatError when two share any bytes, and when another lies between them, which who
    reads from the beginning would unpack.
    """
    end = 0
    in_order = sorted(members, key=lambda member: member.header_offset)
    for member in in_order:
        if member.header_offset < end:
            raise FormatError("two of its members overlap")
        check_no_member(data, end, member.header_offset)
        end = member.data_offset + member.compressed_bytes
    check_no_member(data, end, directory.start)
    return in_order[0].header_offset if in_order else directory.start
