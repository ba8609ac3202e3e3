"""What a class file names, as JVMS 4 has it."""

from __future__ import annotations

import pytest

from slimmer.formats import FormatError
from slimmer.formats.java.classes import read_class, text
from tests.support.classes import class_file


def test_a_class_says_its_name_its_version_and_all_its_texts() -> None:
    found = read_class(class_file("a/b/C", "(La/D;)V", "x.y.Z"))
    assert (found.name, found.major) == ("a/b/C", 61)
    assert found.texts == {b"a/b/C", b"java/lang/Object", b"(La/D;)V", b"x.y.Z"}


def test_long_constants_take_two_places() -> None:
    plain = class_file("C", "t")
    long = b"\x05" + bytes(8)
    # One more constant, of two places, before the class that the end of the pool has.
    count = int.from_bytes(plain[8:10], "big") + 2
    pool_end = plain.rindex(b"\x07\x00\x01")
    data = plain[:8] + count.to_bytes(2, "big") + plain[10:pool_end] + long + plain[pool_end:]
    moved = data.replace(b"\x00\x21\x00\x04\x00\x05", b"\x00\x21\x00\x06\x00\x07")
    assert read_class(moved).name == "C"
    with pytest.raises(FormatError, match="does not say which class"):
        read_class(data)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a/B", "a/B"),
        ("ä/Ö".encode(), "ä/Ö"),
        (b"a\xc0\x80b", "a\0b"),  # JVMS 4.4.7: NUL has two bytes
        (b"\xed\xa0\xbd\xed\xb8\x80", "\U0001f600"),  # and other planes have six
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_texts_are_in_modified_utf8(raw: bytes, said: str) -> None:
    assert text(raw) == said


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cut short"),
        (b"\xca\xfe\xba\xbf" + bytes(20), "no class file"),
        (class_file("C")[:-1], "cut short"),
        (class_file("C") + b"x", "does not end where it says"),
        (class_file("C").replace(b"\x01\x00\x01C", b"\x02\x00\x01C"), "unknown kind 2"),
        (class_file("C").replace(b"\x07\x00\x02", b"\x07\x00\x09"), "points to no text"),
    ],
)
def test_what_is_broken_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        read_class(data)
