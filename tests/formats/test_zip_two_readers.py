"""No two unpackers may see two zips: what one would take otherwise than another is refused."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

import pytest

from slimmer.formats import FormatError
from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import read_zip

LINK, FILE, FOLDER = 0o120777 << 16, 0o100644 << 16, 0o40755 << 16
DOS_FOLDER = 0x10
UNIX, FAT, VMS, ATARI, NTFS, BEOS, MACOS = 3, 0, 2, 5, 10, 16, 19


class Member(NamedTuple):
    """A stored member, and what its record in the directory says of it."""

    name: bytes
    data: bytes = b"x = 1"
    attributes: int = FILE
    system: int = UNIX
    extra: bytes = b""
    comment: bytes = b""
    flags: int = 0

    @property
    def local(self) -> bytes:
        sizes = len(self.data), len(self.data), len(self.name), len(self.extra)
        crc32 = zlib.crc32(self.data)
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, self.flags, 0, 0, 33, crc32, *sizes)
        return head + self.name + self.extra + self.data

    def record(self, offset: int) -> bytes:
        sizes = len(self.data), len(self.data), len(self.name), len(self.extra)
        said = (20, self.flags, 0, 0, 33, zlib.crc32(self.data), *sizes, len(self.comment))
        head = struct.pack("<4s2B5H3L5H", b"PK\1\2", 20, self.system, *said, 0, 0)
        end = struct.pack("<2L", self.attributes, offset)
        return head + end + self.name + self.extra + self.comment


APP, SECRET = Member(b"app.py"), Member(b".env", b"KEY=1")


def end_record(members: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    numbers = 0, 0, members, members, size, offset, len(comment)
    return struct.pack("<4s4H2LH", b"PK\5\6", *numbers) + comment


def made(*members: Member, between: bytes = b"", before: bytes = b"") -> bytes:
    data, directory = before, b""
    for member in members:
        directory += member.record(len(data))
        data += member.local + between
    return data + directory + end_record(len(members), len(directory), len(data))


def kind(member: Member) -> str:
    return read_zip(made(member)).members[0].kind


def asi(mode: int) -> bytes:
    """Return the extra field of ASi, by which Info-ZIP takes a member for what the mode says."""
    said = struct.pack("<HL2H", mode, 0, 0, 0)
    return struct.pack("<2HL", 0x756E, 4 + len(said), zlib.crc32(said)) + said


@pytest.mark.parametrize("system", [FAT, VMS, ATARI, NTFS, BEOS, MACOS])
def test_a_link_of_another_system_is_a_link_for_some(system: int) -> None:
    assert kind(Member(b"l", b"/etc/passwd", LINK, system)) == "special"
    assert kind(Member(b"l", b"/etc/passwd", FILE, system)) == "file"


@pytest.mark.parametrize("system", [FAT, NTFS])
def test_a_folder_of_dos_without_a_slash_is_a_folder_for_some(system: int) -> None:
    assert kind(Member(b".env", b"KEY=1", DOS_FOLDER, system)) == "special"
    assert kind(Member(b".env", b"KEY=1", FOLDER, system)) == "special"
    assert kind(Member(b"d/", b"", DOS_FOLDER, system)) == "directory"


@pytest.mark.parametrize(("mode", "kind_there"), [(0o120777, "special"), (0o100644, "file")])
def test_an_extra_field_says_what_kind_of_thing_a_member_is(mode: int, kind_there: str) -> None:
    assert kind(Member(b"l", b"/etc/passwd", 0, extra=asi(mode))) == kind_there
    assert kind(Member(b"l", b"/etc/passwd", FILE, extra=asi(mode))) == "file"


@pytest.mark.parametrize("name", [b"a" * 256, b"a/" + b"b" * 256 + b"/c", "é".encode() * 128])
def test_a_name_that_no_file_can_have_is_unsafe(name: bytes) -> None:
    assert find_unsafe(read_zip(made(Member(name, flags=0x800))).members).names
    short = name.replace(b"a" * 256, b"a" * 255).replace(b"b" * 256, b"b" * 255)[:255]
    safe = short.decode(errors="ignore").encode()
    assert not find_unsafe(read_zip(made(Member(safe, flags=0x800))).members).names


def test_a_name_that_says_utf8_and_is_none_is_unsafe() -> None:
    assert find_unsafe(read_zip(made(Member(b"\xff.env", flags=0x800))).members).names
    assert not find_unsafe(read_zip(made(Member(b"\xff.txt"))).members).names


@pytest.mark.parametrize("name", [b".", b"./."])
def test_a_file_cannot_be_the_folder_itself(name: bytes) -> None:
    assert find_unsafe(read_zip(made(APP, Member(name))).members).names
    assert not find_unsafe(read_zip(made(APP, Member(b"./", b""))).members).names


@pytest.mark.parametrize("at", ["before", "between"])
def test_a_member_of_which_the_directory_does_not_speak_is_refused(at: str) -> None:
    with pytest.raises(FormatError, match="does not list"):
        read_zip(made(APP, Member(b"b.py"), **{at: SECRET.local}))
    for harmless in (b"#!/bin/sh\n" * 9, b"PK\3\4 is how a zip begins, and not all of it" * 2):
        assert len(read_zip(made(APP, Member(b"b.py"), **{at: harmless})).members) == 2


def hidden_directory(end: bytes = b"") -> tuple[bytes, bytes, int]:
    """Return two members, a directory of the second alone, and where that would begin."""
    data = APP.local + SECRET.local
    directory = SECRET.record(len(APP.local))
    return data, directory, len(data) + len(APP.record(0)) + len(end)


def test_a_second_directory_in_a_comment_is_refused() -> None:
    data, hidden, start = hidden_directory(end_record(0, 0, 0))
    comment = hidden + end_record(1, len(hidden), start)
    record = APP.record(0)
    with pytest.raises(FormatError, match="two ways"):
        read_zip(data + record + end_record(1, len(record), len(data), comment))


def test_an_end_behind_the_end_is_refused() -> None:
    cut = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 500)
    with pytest.raises(FormatError, match="its end is missing"):
        read_zip(made(APP) + cut)
    assert read_zip(made(APP) + b"signed").trailing_bytes == 6


def end64(members: int, size: int, offset: int, at: int) -> bytes:
    numbers = 44, 45, 45, 0, 0, members, members, size, offset
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", *numbers)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)


def test_an_end_of_zip64_in_the_last_comment_is_refused() -> None:
    """Python's zipfile looks there whether or not the end says so, and finds other members."""
    data, hidden, start = hidden_directory()
    last = APP._replace(comment=hidden + end64(1, len(hidden), start, start + len(hidden)))
    record = last.record(0)
    with pytest.raises(FormatError, match="different things"):
        read_zip(data + record + end_record(1, len(record), len(data)))


def test_a_zip64_may_say_the_same_in_both_of_its_ends() -> None:
    data, record = APP.local, APP.record(0)
    numbers = 1, len(record), len(data)
    zip64 = data + record + end64(*numbers, len(data) + len(record)) + end_record(*numbers)
    assert [member.name for member in read_zip(zip64).members] == ["app.py"]


def test_two_ends_of_zip64_are_refused() -> None:
    first = end64(0, 0, 0, 0)[:56]
    data, record = first + APP.local, APP.record(len(first))
    numbers = 1, len(record), len(data)
    with pytest.raises(FormatError, match="two ways"):
        read_zip(data + record + end64(*numbers, 0) + end_record(*numbers))
