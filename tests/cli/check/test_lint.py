"""Zips that are wrong, or are none."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from tests.cli.check.gate import PYTHON, check, failing, report
from tests.support.zips import pack, zipped


def test_two_members_of_one_name_fail(work: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(work / "twice.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for data in ("1", "22"):
            archive.writestr("app.py", data)
    (found,) = report(work, "twice.zip")["findings"]
    assert (found["code"], found["severity"]) == ("duplicate-name", "fail")
    assert "1 member (app.py) is there more than once" in found["message"]


def test_an_encrypted_member_fails(work: Path) -> None:
    data = bytearray((work / "layer.zip").read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (work / "locked.zip").write_bytes(data)
    (found,) = report(work, "locked.zip")["findings"]
    assert (found["code"], found["severity"]) == ("encrypted", "fail")
    assert "python/numpy/core.so" in found["message"]


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/../../b", "python/six.py/below"])
def test_a_name_that_climbs_out_or_goes_through_a_file_fails(work: Path, name: str) -> None:
    pack(work / "unsafe.zip", {**PYTHON, name: b"x"})
    (found,) = report(work, "unsafe.zip")["findings"]
    assert (found["code"], found["severity"]) == ("unsafe-name", "fail")
    assert name in found["message"]


def test_a_member_below_a_link_fails(work: Path) -> None:
    with zipfile.ZipFile(work / "linked.zip", "w") as archive:
        link = zipfile.ZipInfo("lib")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc")
        archive.writestr("lib/passwd", "x")
    assert failing(report(work, "linked.zip")) == ["unsafe-name"]


def test_a_pipe_in_a_zip_fails(work: Path) -> None:
    with zipfile.ZipFile(work / "pipe.zip", "w") as archive:
        pipe = zipfile.ZipInfo("pipe")
        pipe.create_system, pipe.external_attr = 3, 0o010644 << 16
        archive.writestr(pipe, "")
    assert failing(report(work, "pipe.zip")) == ["unsafe-kind"]


def test_what_cannot_be_searched_is_warned_of_in_few_lines(work: Path) -> None:
    data = bytearray(pack(work / "x.zip", {f"{n}.txt": b"x" for n in range(30)}).read_bytes())
    for place in [m.start() for m in re.finditer(b"PK\x01\x02", data)]:
        data[place + 16 : place + 20] = b"\1\2\3\4"  # the checksum
    (work / "x.zip").write_bytes(data)
    warned = [f["message"] for f in report(work, "x.zip")["findings"]]
    assert len(warned) == 11
    assert warned[0].startswith("x.zip: 0.txt: not searched for secrets, ")
    assert warned[-1] == "x.zip: 20 more files not searched for secrets"


def test_a_zip_of_nothing_fails(work: Path) -> None:
    pack(work / "nothing.zip", {})
    assert failing(report(work, "nothing.zip")) == ["empty-zip"]


def test_bzip2_is_warned_of(work: Path) -> None:
    pack(work / "odd.zip", PYTHON, zipfile.ZIP_BZIP2)
    found = report(work, "odd.zip")["findings"]
    assert {f["severity"] for f in found} == {"warn"}
    assert {f["code"] for f in found} == {"unusual-method", "secret-unsearched"}


def test_zip64_is_warned_of(work: Path) -> None:
    data = zipped({"a": b"x"}, zipfile.ZIP_STORED)
    place = data.index(b"PK\x05\x06")
    start = data.index(b"PK\x01\x02")
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, place - start, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    wide = data[:place] + end + locator + last
    with zipfile.ZipFile(io.BytesIO(wide)) as archive:
        assert archive.namelist() == ["a"]
    (work / "wide.zip").write_bytes(wide)
    found = report(work, "wide.zip")["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("zip64", "warn")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.zip", b"This is no zip.", "it is not a zip"),
        ("empty.zip", b"", "it is empty"),
        ("gone.zip", None, "no such file"),
    ],
)
def test_what_is_no_zip_is_one_line_and_3(
    work: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (work / name).write_bytes(content)
    outcome = check(work, "layer.zip", name)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"slim: {name}: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_name_longer_than_a_path_is_one_line_and_3(work: Path) -> None:
    pack(work / "deep.zip", {"a/" * 20_000 + "b": b""})
    outcome = check(work, "deep.zip")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)
    assert "longer than any path may be" in outcome.err


def test_a_deep_folder_is_no_trouble(work: Path) -> None:
    pack(work / "deep.zip", {"a/" * 2_000 + "b": b""})
    assert check(work, "deep.zip").code == 0
