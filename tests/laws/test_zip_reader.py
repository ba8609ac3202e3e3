"""What is read out of a zip is what was put in, and no bytes do more than be refused."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.zip.names import is_unsafe
from slimmer.formats.zip.reader import read_zip
from slimmer.formats.zip.unpack import content
from tests.support.zips import zipped

MAX_BYTES = 1 << 20
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda name: not is_unsafe(name) and "\\" not in name
)
CONTENTS = st.dictionaries(NAMES, st.binary(max_size=200), max_size=8)
METHODS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])


@given(CONTENTS, METHODS, st.binary(max_size=40), st.binary(max_size=40))
def test_all_that_went_in_comes_out(
    contents: dict[str, bytes], method: int, before: bytes, after: bytes
) -> None:
    data = before + zipped(contents, method) + after.replace(b"PK", b"")
    archive = read_zip(data)
    assert {m.name: content(data, m, MAX_BYTES) for m in archive.members} == contents
    assert archive.prefix_bytes == len(before)
    assert archive.trailing_bytes == len(after.replace(b"PK", b""))


@given(CONTENTS.filter(bool), st.data())
def test_a_byte_that_changes_is_found_out_or_harmless(
    contents: dict[str, bytes], draw: st.DataObject
) -> None:
    data = bytearray(zipped(contents))
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        archive = read_zip(bytes(data))
        for member in archive.members:
            assert len(content(bytes(data), member, MAX_BYTES)) == member.size_bytes
    except FormatError:
        pass


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        read_zip(data)
