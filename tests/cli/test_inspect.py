from __future__ import annotations

import json
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import picture, slim
from tests.support.elves import library
from tests.support.trees import write_tree

MACH_O = struct.pack("<4I", 0xFEEDFACF, 0x01000007, 3, 6) + bytes(200)  # mach-o/loader.h, a dylib
PYTHON: dict[str, str | bytes] = {
    "python/lib-1.0.dist-info/METADATA": "Name: lib\n",
    "python/lib/__init__.py": "x = 1\n" * 100,
    "python/lib/tests/test_lib.py": "y = 1\n" * 50,
    "python/lib/copy.py": "x = 1\n" * 100,
    "python/lib/_native.cpython-311-x86_64-linux-gnu.so": library().build(),
    "python/lib/_native.cpython-311-darwin.so": MACH_O,
    "app/main.js": "1",
}


@pytest.fixture(name="work")
def _work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", PYTHON)
    (tmp_path / "tree/app/link").symlink_to("main.js")
    subprocess.run(["zip", "-qry", "../tree.zip", "."], cwd=tmp_path / "tree", check=True)
    return tmp_path


def inspected(work: Path, artifact: str, *args: str) -> dict[str, Any]:
    outcome = slim("inspect", artifact, "--json", "-", *args, cwd=work)
    assert outcome.code == 0, outcome.text
    document: dict[str, Any] = json.loads(outcome.out)
    return document


@pytest.mark.parametrize("artifact", ["tree", "tree.zip"])
def test_it_says_what_is_in_a_tree_or_a_zip(work: Path, artifact: str) -> None:
    found = inspected(work, artifact)
    assert len(found["files"]) == len(PYTHON) + 1
    for table in ("components", "folders", "owners", "kinds"):
        for size in ("files", "unzipped_bytes"):
            total = len(found["files"]) if size == "files" else found["unzipped_bytes"]
            assert sum(row[size] for row in found[table]) == total, table
    assert {row["name"] for row in found["components"]} == {"python/lib", "other/app"}
    assert {row["name"]: row["files"] for row in found["owners"]} == {"python/lib": 6, "own": 2}
    assert {row["name"] for row in found["kinds"]} == {
        "programs and libraries",
        "Python modules",
        "JavaScript",
        "other",
        "links",
    }
    wasted = len(PYTHON["python/lib/copy.py"])
    assert found["duplicates"] == [
        {"paths": ["python/lib/__init__.py", "python/lib/copy.py"], "wasted_bytes": wasted}
    ]
    assert [u["path"] for u in found["unstripped"]] == [
        "python/lib/_native.cpython-311-x86_64-linux-gnu.so"
    ]
    assert [f["path"] for f in found["foreign"]] == ["python/lib/_native.cpython-311-darwin.so"]
    assert {row["name"] for row in found["droppable"]} == {"python/tests", "foreign/system"}
    tiers = {row["tier"]: row["files"] for row in found["tiers"]}
    assert tiers["default"] == 2


def test_a_zip_s_bytes_are_those_that_unzip_lists(work: Path) -> None:
    found = inspected(work, "tree.zip")
    argv = ["unzip", "-lv", "tree.zip"]
    listing = subprocess.run(argv, cwd=work, capture_output=True, text=True, check=True).stdout
    unzipped, zipped = listing.splitlines()[-1].split()[:2]
    assert (found["unzipped_bytes"], found["compressed_bytes"]) == (int(unzipped), int(zipped))
    assert found["zip_bytes"] == (work / "tree.zip").stat().st_size


def test_people_see_the_same_and_nothing_is_changed(work: Path) -> None:
    before = picture(work)
    said = slim("inspect", "tree", cwd=work).out
    assert picture(work) == before
    for line in ("component", "folder", "kind", "largest", "unstripped", "foreign", "would drop"):
        assert any(row.startswith(line) for row in said.splitlines()), line
    assert "python/tests" in said
    assert said.splitlines()[-1].startswith("tree: 8 files, ")


def test_long_tables_are_cut_and_can_be_had_whole(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {f"folder{n:02}/file.bin": "x" * n for n in range(60)})
    short = slim("inspect", "tree", cwd=tmp_path).out
    assert "more (see --verbose)" in short
    assert "folder00" not in short
    whole = slim("inspect", "tree", "--verbose", cwd=tmp_path).out
    assert "more (see" not in whole
    assert all(f"folder{n:02}" in whole for n in range(60))


def test_folders_hold_everything_once_and_the_largest_is_taken_apart(tmp_path: Path) -> None:
    files = {f"a/b/c/d{n}/x": "x" * 100 * (n + 1) for n in range(3)}
    write_tree(tmp_path / "tree", {**files, "a/b/y": "y", "z": "z"})
    names = [row["name"] for row in inspected(tmp_path, "tree")["folders"]]
    assert names == ["a/b/c/d2", "a/b/c/d1", "a/b/c/d0", "*", "a/b/*"]


def test_what_a_build_would_refuse_is_still_shown(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"a.txt": "x"})
    (tmp_path / "tree/out").symlink_to("../../etc/passwd")
    outcome = slim("inspect", "tree", cwd=tmp_path)
    assert outcome.code == 0, outcome.text
    assert "slim build would refuse it: out: " in outcome.out


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "x: no such file or folder; name one that is there"),
        (b"", "x: cannot be read as a zip (it is empty)"),
        (b"hello", "x: cannot be read as a zip"),
    ],
)
def test_what_cannot_be_inspected_is_one_line(
    tmp_path: Path, content: bytes | None, line: str
) -> None:
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    outcome = slim("inspect", "x", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"slim: {line}")
    assert outcome.err.count("\n") == 1


def test_a_zip_with_a_file_below_a_file_is_one_line_and_3(work: Path) -> None:
    with zipfile.ZipFile(work / "odd.zip", "w") as archive:
        archive.writestr("f", "x")
        archive.writestr("f/g/h", "x")
    outcome = slim("inspect", "odd.zip", cwd=work)
    assert (outcome.code, outcome.out) == (3, "")
    assert (
        outcome.err
        == "slim: odd.zip: 'f/g/h' leads outside, or through a link or a file; create it again\n"
    )


def bomb(path: Path, names: Sequence[str]) -> None:
    """Write a zip whose members say that they hold a GiB of zeros each, and do so."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    zeros = bytes(1 << 20)
    mebibyte = engine.compress(zeros) + engine.flush(zlib.Z_FULL_FLUSH)  # asks for none before it
    packed = mebibyte * 1024 + engine.flush()
    crc32 = 0
    for _ in range(1024):
        crc32 = zlib.crc32(zeros, crc32)
    numbers = (8, 0, 33, crc32, len(packed), 1 << 30)
    data, directory = b"", b""
    for name in names:
        tail = struct.pack("<2H", len(name), 0)
        directory += struct.pack("<4s4B4H3L", b"PK\1\2", 20, 3, 20, 0, 0, *numbers) + tail
        directory += struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, len(data)) + name.encode()
        data += struct.pack("<4s2B4H3L", b"PK\3\4", 20, 0, 0, *numbers) + tail
        data += name.encode() + packed
    sizes = (len(names), len(names), len(directory), len(data), 0)
    path.write_bytes(data + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *sizes))


def test_of_what_is_no_program_only_the_head_is_unpacked(work: Path) -> None:
    bomb(work / "large.zip", ["zeros.so"])
    limits = ("prlimit", "--as=700000000")  # where the GiB fits in no way
    outcome = slim("inspect", "large.zip", cwd=work, through=limits)
    assert outcome.code == 0, outcome.text
    assert "1 file, 1,073,741,824 B unzipped" in outcome.out


def test_a_bomb_is_one_line_and_3(work: Path) -> None:
    bomb(work / "bomb.zip", ["a.beam", "b.beam", "c.beam", "d.beam"])
    outcome = slim("inspect", "bomb.zip", cwd=work)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("slim: bomb.zip: it would unpack to 4.3 GB, too much to read; ")
    assert outcome.err.count("\n") == 1
    assert slim("diff", "bomb.zip", "bomb.zip", cwd=work).code == 0
