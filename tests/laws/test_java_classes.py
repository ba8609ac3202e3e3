"""Any texts of a class come out again, and no bytes do more than be refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.java.classes import ClassFile, read_class, text
from tests.support.classes import class_file

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
TEXTS = st.lists(NAMES, max_size=8)


@given(NAMES, TEXTS)
def test_all_texts_that_went_in_come_out(name: str, texts: list[str]) -> None:
    found = read_class(class_file(name, *texts))
    assert found.name == name
    assert {text(raw) for raw in found.texts} == {name, "java/lang/Object", *texts}


@given(NAMES, TEXTS, st.data())
def test_a_byte_that_changes_is_refused_or_harmless(
    name: str, texts: list[str], draw: st.DataObject
) -> None:
    data = bytearray(class_file(name, *texts))
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        found = read_class(bytes(data))
    except FormatError:
        return
    assert isinstance(found, ClassFile)
    assert all(isinstance(text(raw), str) for raw in found.texts)


@given(NAMES, TEXTS, st.data())
def test_a_class_that_is_cut_short_is_refused(
    name: str, texts: list[str], draw: st.DataObject
) -> None:
    data = class_file(name, *texts)
    end = draw.draw(st.integers(0, len(data) - 1))
    with pytest.raises(FormatError):
        read_class(data[:end])


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_class(b"\xca\xfe\xba\xbe" + data)
