"""Tars and packed streams: what went in comes out, and no bytes do more than be refused."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.packed import is_packed, unpacked
from slimmer.formats.tar import is_tar, tar_files

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=150).filter(
    lambda name: not name.endswith("/")
)
FILES = st.lists(st.tuples(NAMES, st.binary(max_size=1500)), max_size=5)
FORMATS = st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
PACKERS = st.sampled_from([gzip.compress, bz2.compress, lzma.compress])


def tar_of(files: list[tuple[str, bytes]], form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            with contextlib.suppress(ValueError):  # too long for the older format
                archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@given(FILES, FORMATS)
def test_a_tar_has_what_python_finds_in_it(files: list[tuple[str, bytes]], form: int) -> None:
    data = tar_of(files, form)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        wanted = [(m.name, m.offset_data, m.size) for m in archive]
    assert [tuple(found) for found in tar_files(data)] == wanted
    assert not wanted or is_tar(data)


@given(FILES.filter(bool), FORMATS, st.data())
def test_a_broken_tar_is_read_or_refused(
    files: list[tuple[str, bytes]], form: int, draw: st.DataObject
) -> None:
    data = bytearray(tar_of(files, form))
    for _ in range(3):
        data[draw.draw(st.integers(0, min(2000, len(data) - 1)))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError):
        for found in tar_files(bytes(data)):
            assert 0 <= found.start <= found.start + found.size_bytes <= len(data)


@given(st.binary(max_size=600), PACKERS, st.integers(1, 700))
def test_a_stream_unpacks_within_its_bound(data: bytes, pack: object, max_bytes: int) -> None:
    packed = pack(data)  # type: ignore[operator]
    assert is_packed(packed)
    try:
        assert unpacked(packed, max_bytes) == data
    except FormatError:
        assert len(data) > max_bytes


@given(st.sampled_from([b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"]), st.binary(max_size=200))
def test_any_bytes_unpack_or_are_refused(magic: bytes, data: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert len(unpacked(magic + data, 1000)) <= 1000
