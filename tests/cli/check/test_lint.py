"""Zips that are wrong, or are none."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.cli.check.gate import PYTHON, check, failing, report
from tests.support.zips import pack, with_fields, zipped


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
    assert failing(report(work, "linked.zip")) == ["unsafe-name", "unsafe-link"]


def test_a_pipe_in_a_zip_fails(work: Path) -> None:
    with zipfile.ZipFile(work / "pipe.zip", "w") as archive:
        pipe = zipfile.ZipInfo("pipe")
        pipe.create_system, pipe.external_attr = 3, 0o010644 << 16
        archive.writestr(pipe, "")
    assert failing(report(work, "pipe.zip")) == ["unsafe-kind"]


def member(name: str, mode: int = 0o100644, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = system, mode << 16
    return info


@pytest.mark.parametrize(
    ("name", "mode", "data"),
    [
        (".env", 0o040755, b"A=b"),
        ("a/", 0o100644, b"x"),
        ("a/", 0o120777, b"x"),
        (".d", 0o040755, b""),
    ],
)
def test_a_member_whose_mode_and_name_differ_in_kind_fails(
    work: Path, name: str, mode: int, data: bytes
) -> None:
    pack(work / "two.zip", [(member(name, mode), data), ("b.py", b"")])
    found = failing(report(work, "two.zip"))
    assert "unsafe-kind" in found
    assert ("secret" in found) is (data == b"A=b")


def test_a_backslash_of_another_system_fails_and_is_searched_as_a_slash(work: Path) -> None:
    pack(work / "windows.zip", [(member("conf\\.env", 0, system=0), b"A=b")])
    document = report(work, "windows.zip")
    assert failing(document) == ["secret", "unsafe-name"]
    assert "windows.zip: conf/.env holds settings" in document["findings"][0]["message"]


def test_a_backslash_of_unix_is_a_letter(work: Path) -> None:
    pack(work / "unix.zip", [(member("dev-disk-by\\x2dlabel.swap"), b"")])
    assert failing(report(work, "unix.zip")) == []


@pytest.mark.parametrize("twin", ["./app.py", "x/../app.py", ".//app.py", "app.py/", "././app.py"])
def test_names_are_compared_as_the_paths_that_they_are(work: Path, twin: str) -> None:
    data = b"" if twin.endswith("/") else b"x"
    mode = 0o040755 if twin.endswith("/") else 0o100644
    pack(work / "twice.zip", [(member("app.py"), b"1"), (member(twin, mode), data)])
    found = failing(report(work, "twice.zip"))
    assert found[0] == "duplicate-name"


@pytest.mark.parametrize("name", ["./l/passwd", "q//l/passwd", "q/./l/passwd"])
def test_a_file_through_a_link_fails_however_it_is_written(work: Path, name: str) -> None:
    at = "q/l" if name.startswith("q") else "l"
    rows = [(member(at, 0o120777), b"inside"), (member(name), b"x"), (member("inside/a"), b"")]
    pack(work / "linked.zip", rows)
    assert failing(report(work, "linked.zip")) == ["unsafe-name"]


@pytest.mark.parametrize(
    ("target", "leads_out"),
    [
        ("x\0y", True),
        ("", True),
        ("/etc/passwd", True),
        ("../x", True),
        ("a/../../x", True),
        ("/opt/a", False),
        ("a", False),
    ],
)
def test_a_link_out_of_the_layer_fails(work: Path, target: str, leads_out: bool) -> None:
    pack(work / "links.zip", [(member("a/b"), b""), (member("l", 0o120777), target.encode())])
    found = failing(report(work, "links.zip"))
    assert found == (["unsafe-link"] if leads_out else [])


def test_a_link_of_the_function_may_lead_to_its_own_folder_only(work: Path) -> None:
    for target, found in (("/var/task/a", []), ("/opt/a", ["unsafe-link"])):
        rows = [(member("a"), b""), (member("l", 0o120777), target.encode())]
        pack(work / "fn.zip", rows)
        assert failing(report(work, "--function", "fn.zip")) == found


def test_what_is_larger_than_it_says_fails(work: Path) -> None:
    rows = [(member(f"{n}.so"), b"\x7fELF" + bytes(3_000_000)) for n in range(3)]
    claimed = with_fields(zipped(rows), size_bytes=100)
    (work / "bomb.zip").write_bytes(claimed)
    (found,) = report(work, "bomb.zip")["findings"]
    assert (found["code"], found["severity"]) == ("broken-member", "fail")
    assert "3 members (0.so, 1.so, 2.so) are not what the zip says" in found["message"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size_bytes", [0, 50, 2_000_000])
def test_a_wrong_checksum_of_what_is_not_searched_fails(
    work: Path, method: int, size_bytes: int
) -> None:
    data = zipped({"a.so": bytes(size_bytes)}, method)
    (work / "wrong.zip").write_bytes(with_fields(data, crc32=0x01020304))
    assert failing(report(work, "wrong.zip")) == ["broken-member"]


def test_more_than_can_be_measured_fails(work: Path) -> None:
    data = zipped({"a.so": b"x" * 100, "b.so": b"x"})
    (work / "huge.zip").write_bytes(with_fields(data, size_bytes=4_000_000_000))
    assert "broken-member" in failing(report(work, "huge.zip"))


@pytest.mark.parametrize("at", [14, 18, 22])  # CRC-32, packed and unpacked size: 4.3.7
def test_a_local_header_that_says_otherwise_is_one_line_and_3(work: Path, at: int) -> None:
    data = bytearray(zipped({"a.so": b"x" * 100}))
    data[at] ^= 1
    (work / "two.zip").write_bytes(data)
    outcome = check(work, "two.zip")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)
    assert "own header" in outcome.err


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (4, 99, "newer unpacker"),  # the version that is needed: 4.4.3
        (6, 0x20, "is a patch"),  # a flag, 4.4.4
        (6, 0x08, "does not describe it"),  # a descriptor that is not there, 4.3.9
    ],
)
def test_what_not_every_unpacker_takes_is_one_line_and_3(
    work: Path, at: int, value: int, words: str
) -> None:
    data = bytearray(zipped({"a.so": b"x" * 100}))
    data[at] = data[data.index(b"PK\x01\x02") + at + 2] = value
    (work / "odd.zip").write_bytes(data)
    outcome = check(work, "odd.zip")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1)
    assert words in outcome.err


def test_a_streamed_member_says_its_sizes_behind_its_data(work: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            chunk = bytes(data)  # type: ignore[call-overload]
            self.data += chunk
            return len(chunk)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b"x = 1\n" * 99)
    (work / "streamed.zip").write_bytes(pipe.data)
    assert failing(report(work, "streamed.zip")) == []


@pytest.mark.parametrize(("other", "code"), [(b".env", 3), (b"a.txt", 0)])
def test_an_extra_field_that_renames_is_one_line_and_3(work: Path, other: bytes, code: int) -> None:
    info = member("a.txt")
    field = b"\1" + zlib.crc32(b"a.txt").to_bytes(4, "little") + other
    info.extra = struct.pack("<2H", 0x7075, len(field)) + field
    pack(work / "renamed.zip", [(info, b"A=b")])
    outcome = check(work, "renamed.zip")
    assert outcome.code == code, outcome.text
    assert ("another name" in outcome.err) is (code == 3)


def test_what_cannot_be_searched_is_warned_of_in_few_lines(work: Path) -> None:
    data = zipped({f"{n}.txt": b"x" for n in range(30)})
    (work / "x.zip").write_bytes(with_fields(data, crc32=1))
    findings = report(work, "x.zip")["findings"]
    assert [f["code"] for f in findings if f["severity"] == "fail"] == ["broken-member"]
    warned = [f["message"] for f in findings if f["severity"] == "warn"]
    assert len(warned) == 11
    assert warned[0].startswith("x.zip: 0.txt: not searched for secrets, ")
    assert warned[-1] == "x.zip: 20 more files not searched for secrets"


def test_a_zip_of_nothing_fails(work: Path) -> None:
    pack(work / "nothing.zip", {})
    assert failing(report(work, "nothing.zip")) == ["empty-zip"]


def test_bzip2_fails_since_it_is_not_measured(work: Path) -> None:
    pack(work / "odd.zip", PYTHON, zipfile.ZIP_BZIP2)
    found = {f["code"]: f["severity"] for f in report(work, "odd.zip")["findings"]}
    assert found == {"unusual-method": "fail", "secret-unsearched": "warn"}


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
