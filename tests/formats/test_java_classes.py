"""What a class file names, as JVMS 4 has it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from slimmer.formats import FormatError
from slimmer.formats.java.classes import has_lines, read_class, text
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


@pytest.mark.parametrize("broken", [read_class, has_lines])
def test_a_class_of_no_magic_number_is_refused(broken: Callable[[bytes], object]) -> None:
    with pytest.raises(FormatError, match="no class file"):
        broken(b"\xca\xfe\xba\xbf" + bytes(20))


def test_lines_are_in_a_table_and_not_in_a_word() -> None:
    assert not has_lines(class_file("C", "Code", "LineNumberTable"))
    assert has_lines(with_method(b"LineNumberTable"))
    assert not has_lines(with_method(b"LocalVariableTable"))
    with pytest.raises(FormatError, match="cut short"):
        has_lines(with_method(b"LineNumberTable")[:-30])


def with_method(table: bytes) -> bytes:
    """Return a class of one method, whose code has one table of one row (JVMS 4.7.3)."""
    texts = (b"C", b"java/lang/Object", b"m", b"()V", b"Code", table, b"LineNumberTable")
    pool = b"".join(b"\x01" + len(each).to_bytes(2, "big") + each for each in texts)
    pool += b"\x07\x00\x01\x07\x00\x02"  # the class, 8, and the one above it, 9
    rows = struct.pack(">HLHHH", 6, 6, 1, 0, 42)
    code = struct.pack(">HHL", 0, 1, 1) + b"\xb1" + struct.pack(">HH", 0, 1) + rows
    method = struct.pack(">HHHHHL", 0x0009, 3, 4, 1, 5, len(code)) + code
    head = struct.pack(">4sHHH", b"\xca\xfe\xba\xbe", 0, 61, 10)
    return head + pool + struct.pack(">HHHHHH", 0x0021, 8, 9, 0, 0, 1) + method + bytes(2)
