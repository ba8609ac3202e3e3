"""An archive keeps what it holds, however it is written, and nothing but archives is touched."""

from __future__ import annotations

import contextlib
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError, Refused
from slimmer.formats.zip.repack import repack, unpacked_bytes
from tests.laws.test_zip_reader import CONTENTS, METHODS
from tests.support.zips import zipped

# An archive that begins with this one is refused, which tests/test_repack.py tries.
# So is one in which a file has the name of a folder, which tests/formats/test_zip_two_readers.py
# tries.
MEMBERS = CONTENTS.filter(lambda contents: contents.keys().isdisjoint({"mimetype", "."})).map(
    lambda contents: {name: b"" if name[-1] == "/" else data for name, data in contents.items()}
)


def held(data: bytes) -> dict[str, tuple[bytes, int, tuple[int, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            info.filename: (archive.read(info), info.external_attr >> 16 & 0o7777, info.date_time)
            for info in archive.infolist()
        }


@given(MEMBERS, METHODS)
def test_contents_attributes_and_times_stay(contents: dict[str, bytes], method: int) -> None:
    before = zipped(contents, method)
    after = repack(before).data
    assert held(after) == held(before)
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    assert len(after) == unpacked_bytes(before)


@given(MEMBERS, METHODS)
def test_again_changes_nothing_and_the_order_stays(contents: dict[str, bytes], method: int) -> None:
    after = repack(zipped(contents, method)).data
    assert repack(after).data == after
    turned = {name: contents[name] for name in reversed(contents)}
    assert list(held(repack(zipped(turned, method)).data)) == list(turned)


@given(MEMBERS.filter(bool), st.data())
def test_what_is_left_out_is_what_was_named(
    contents: dict[str, bytes], draw: st.DataObject
) -> None:
    chosen = draw.draw(st.sets(st.sampled_from(sorted(contents))))
    done = repack(zipped(contents), lambda _: dict.fromkeys(chosen, "x"))
    assert dict(done.left_out) == dict.fromkeys(chosen, "x")
    assert set(held(done.data)) == set(contents) - chosen


@given(MEMBERS.filter(bool), st.data())
def test_a_broken_archive_is_repacked_or_refused(
    contents: dict[str, bytes], draw: st.DataObject
) -> None:
    data = bytearray(zipped(contents))
    for _ in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError, Refused):
        again = repack(bytes(data)).data
        assert repack(again).data == again
