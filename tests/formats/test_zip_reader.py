"""Zips that lie, and what is said of them."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile

import pytest

from slimmer.formats import FormatError
from slimmer.formats.zip.names import find_unsafe, is_unsafe
from slimmer.formats.zip.reader import read_zip
from slimmer.formats.zip.unpack import content
from tests.support.zips import with_fields

END = struct.Struct("<4s4H2LH")


def a_zip(*names: str, data: bytes = b"x" * 100) -> bytearray:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of duplicate names, which are wanted here
        for name in names:
            archive.writestr(name, data)
    return bytearray(file.getvalue())


def central(data: bytearray, nth: int = 0) -> int:
    place = END.unpack_from(data, len(data) - END.size)[6]
    for _ in range(nth):
        place = data.index(b"PK\x01\x02", place + 4)
    return int(place)


def refusal(data: bytes | bytearray) -> str:
    with pytest.raises(FormatError) as caught:
        read_zip(data)
    return str(caught.value)


def test_a_bomb_of_folders_is_refused() -> None:
    names = [f"{number}/" + "a/" * 2040 + "b" for number in range(300)]
    assert "folders inside folders" in refusal(a_zip(*names, data=b""))
    assert len(read_zip(a_zip(*names[:100], data=b"")).members) == 100


def test_a_bomb_of_members_over_one_another_is_refused() -> None:
    data = a_zip("a", "a")
    struct.pack_into("<L", data, central(data, 1) + 42, 0)  # the second lies where the first does
    assert refusal(data) == "two of its members overlap"


def test_a_member_with_two_names_is_refused() -> None:
    data = a_zip("good")
    data[30:34] = b"evil"
    assert refusal(data) == "a member's own header gives it another name"


def test_more_members_than_there_is_room_for_are_refused_at_once() -> None:
    data = a_zip("a")
    struct.pack_into("<HH", data, len(data) - END.size + 8, 60_000, 60_000)
    assert refusal(data) == "its central directory is shorter than its members"


def test_a_zip_without_its_end_is_refused() -> None:
    assert refusal(bytes(a_zip("a"))[:-30]) == "it is not a zip, or its end is missing"


def test_one_disk_of_several_is_refused() -> None:
    data = a_zip("a")
    struct.pack_into("<H", data, len(data) - END.size + 4, 1)
    assert refusal(data) == "it is one part of a zip over several disks"


def test_a_member_that_unpacks_to_more_than_it_says_is_stopped() -> None:
    data = a_zip("a", data=bytes(1_000_000))
    for place in (22, central(data) + 24):
        struct.pack_into("<L", data, place, 10)
    member = read_zip(data).members[0]
    with pytest.raises(FormatError, match="does not end where it should"):
        content(bytes(data), member, 100)


def test_a_member_over_the_bound_is_not_unpacked() -> None:
    data = bytes(a_zip("a"))
    with pytest.raises(FormatError, match="would unpack to 100 B"):
        content(data, read_zip(data).members[0], 99)


def test_an_encrypted_member_is_named() -> None:
    data = a_zip("a")
    data[6] |= 1
    data[central(data) + 8] |= 1
    member = read_zip(data).members[0]
    assert member.encrypted
    with pytest.raises(FormatError, match="'a' is encrypted"):
        content(bytes(data), member, 100)


def test_a_wrong_checksum_is_found_out() -> None:
    data = with_fields(bytes(a_zip("a")), crc32=1)
    with pytest.raises(FormatError, match="checksum"):
        content(data, read_zip(data).members[0], 100)


def test_names_twice_are_listed() -> None:
    members = read_zip(a_zip("a", "b", "a", "c/", "c", "x/d", "x/./d", "x//d/")).members
    assert find_unsafe(members).duplicates == ("a", "c", "x/d")


def test_modes_and_links_are_those_of_unix() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, mode in (("run", 0o100755), ("link", 0o120777), ("fifo", 0o010644)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, mode << 16
            archive.writestr(info, b"x")
        info = zipfile.ZipInfo("dos")
        info.create_system = 0
        archive.writestr(info, b"x")
    found = {m.name: (m.kind, m.mode) for m in read_zip(file.getvalue()).members}
    assert found == {
        "run": ("file", 0o755),
        "link": ("link", 0o777),
        "fifo": ("special", 0o644),
        "dos": ("file", None),
    }


def test_a_zip64_is_read_as_one() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(65_537):
            archive.writestr(str(number), b"")
    archive64 = read_zip(b"prefix" + file.getvalue())
    assert archive64.is_zip64
    assert len(archive64.members) == 65_537
    assert archive64.prefix_bytes == len(b"prefix")


@pytest.mark.parametrize("name", ["/etc/passwd", "a/../../b", "..\\b", "c:\\b", "", "/", "a\0b"])
def test_names_that_lead_out_are_unsafe(name: str) -> None:
    assert is_unsafe(name)


@pytest.mark.parametrize("name", ["a", "a/b..c", "..a", "a/", "..."])
def test_names_that_stay_inside_are_safe(name: str) -> None:
    assert is_unsafe(name) == ""
