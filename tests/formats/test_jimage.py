"""A runtime's list of modules: what is in it, without some of it, and broken ones."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.java.jimage import hollowed, read_jimage
from slimmer.formats.java.module_info import read_module_info
from tests.support.jimages import descriptor, jimage

FILES = {
    "java.base/java/lang/Object.class": b"\xca\xfe\xba\xbe1",
    "java.base/module-info.class": descriptor("java.base", uses=("java.x.Spi",)),
    "java.xml/javax/xml/Parser.class": b"\xca\xfe\xba\xbe22",
    "java.xml/javax/xml/parser.properties": b"a=b",
    "java.xml/module-info.class": descriptor("java.xml", ("java.base",), provides=("java.x.Spi",)),
    "packages/java.lang": b"12345678",
}


def test_each_file_is_found_with_its_bytes() -> None:
    data = jimage(FILES)
    found = {f"{e.module}/{e.path}": data[e.start :][: e.size_bytes] for e in read_jimage(data)}
    assert found == {path: it for path, it in FILES.items() if not path.startswith("packages/")}


def test_a_descriptor_says_what_its_module_needs_uses_and_gives() -> None:
    base = read_module_info(FILES["java.base/module-info.class"])
    assert (base.name, base.requires, base.uses) == ("java.base", (), ("java.x.Spi",))
    xml = read_module_info(FILES["java.xml/module-info.class"])
    assert (xml.name, xml.requires, xml.provides) == ("java.xml", ("java.base",), ("java.x.Spi",))


def test_a_hollow_module_keeps_its_descriptor_and_the_list_its_length() -> None:
    data = jimage(FILES)
    after = hollowed(data, {"java.xml"})
    assert len(after) == len(data)
    for each in read_jimage(after):
        it = after[each.start : each.start + each.size_bytes]
        is_gone = each.module == "java.xml" and each.path != "module-info.class"
        assert it == (bytes(len(it)) if is_gone else FILES[f"{each.module}/{each.path}"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04" + bytes(100),
        jimage(FILES)[:-20],
        jimage(FILES)[:40],
        jimage(FILES, version=(1 << 16) + 1),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_jimage(data)


def test_a_module_that_is_compressed_is_not_made_hollow() -> None:
    data = jimage(FILES, packed="java.xml/javax/xml/Parser.class")
    assert hollowed(data, {"java.base"}) != data
    with pytest.raises(FormatError, match="compressed"):
        hollowed(data, {"java.xml"})


@given(st.integers(0, len(jimage(FILES)) - 1), st.integers(0, 255))
def test_no_broken_list_does_anything_else(at: int, byte: int) -> None:
    data = bytearray(jimage(FILES))
    data[at] = byte
    with contextlib.suppress(FormatError):
        assert len(hollowed(bytes(data), {"java.xml"})) == len(data)


@given(st.integers(0, 200), st.integers(0, 255))
def test_no_broken_descriptor_does_anything_else(at: int, byte: int) -> None:
    data = bytearray(FILES["java.xml/module-info.class"])
    data[at % len(data)] = byte
    with contextlib.suppress(FormatError):
        read_module_info(bytes(data))
