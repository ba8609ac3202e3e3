from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command import slim
from tests.trees import write_tree

LONG = os.urandom(3000).hex()


@pytest.fixture(name="pair")
def _pair(tmp_path: Path) -> Path:
    """Give a folder with two trees, and their zips, of an OTP application that was updated."""
    old = {
        "lib/kernel-8.5/ebin/kernel.app": "{application, kernel, []}.",
        "lib/app-1.0/ebin/app.beam": "old" + LONG,
        "lib/app-1.0/priv/same.txt": LONG,
        "priv/stays.txt": LONG,
        "priv/goes.txt": "1",
        "priv/here.txt": "moved" + LONG,
    }
    new = {
        "lib/kernel-8.5/ebin/kernel.app": "{application, kernel, []}.",
        "lib/app-1.1/ebin/app.beam": "newer" + LONG,
        "lib/app-1.1/priv/same.txt": LONG,
        "priv/stays.txt": LONG,
        "priv/comes.txt": "12345",
        "there.txt": "moved" + LONG,
    }
    for name, files in (("old", old), ("new", new)):
        write_tree(tmp_path / name, files)
        zipped = slim("build", name, "--tier", "safe", "--json", f"{name}.json", cwd=tmp_path)
        assert zipped.code == 0, zipped.text
    return tmp_path


EXPECTED = [
    ("changed", "erlang/app", "lib/app-1.0/ebin/app.beam", "lib/app-1.1/ebin/app.beam"),
    ("moved", "erlang/app", "lib/app-1.0/priv/same.txt", "lib/app-1.1/priv/same.txt"),
    ("added", "erlang/priv", None, "priv/comes.txt"),
    ("removed", "erlang/priv", "priv/goes.txt", None),
    ("moved", "erlang/root", "priv/here.txt", "there.txt"),
]


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_it_says_what_was_added_removed_changed_and_moved(pair: Path, ending: str) -> None:
    outcome = slim("diff", f"old{ending}", f"new{ending}", "--json", "-", cwd=pair)
    assert outcome.code == 0, outcome.text
    document = json.loads(outcome.out)
    found = [
        (d["what"], d["component"], *((d[side] or {}).get("path") for side in ("old", "new")))
        for d in document["differences"]
    ]
    assert found == EXPECTED
    assert {c["name"] for c in document["components"]} == {
        "erlang/app",
        "erlang/priv",
        "erlang/root",
    }
    assert document["new"]["unzipped_bytes"] - document["old"]["unzipped_bytes"] == 2 + 4


def test_a_tree_and_its_zip_are_the_same(pair: Path) -> None:
    outcome = slim("diff", "old", "old.zip", cwd=pair)
    assert outcome.out.startswith("the same: old.zip: 6 files")


def test_the_table_names_each_and_its_growth(pair: Path) -> None:
    lines = slim("diff", "old.zip", "new.zip", cwd=pair).out.splitlines()
    rows = {"".join(line.split()[:2]): line for line in lines if line[:1] in ("+", "-", "~", ">")}
    assert "+5 B" in rows["+priv/comes.txt"]
    assert "-1 B" in rows["-priv/goes.txt"]
    assert "+2 B" in rows["~lib/app-1.1/ebin/app.beam"]
    assert "(was lib/app-1.0/ebin/app.beam)" in rows["~lib/app-1.1/ebin/app.beam"]
    assert "(was priv/here.txt)" in rows[">there.txt"]
    assert "files: 1 added, 1 removed, 1 changed, 2 moved" in lines
    sizes = [(pair / name).stat().st_size for name in ("old.zip", "new.zip")]
    assert lines[-1].startswith(f"zip: {sizes[0]:,} B -> {sizes[1]:,} B ({sizes[1] - sizes[0]:+,}")


def test_names_that_a_terminal_would_obey_are_escaped(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", {"x": "1"})
    write_tree(tmp_path / "b", {"x\x1b[31m\ny": "2"})
    outcome = slim("diff", "a", "b", cwd=tmp_path)
    assert outcome.code == 0, outcome.text
    assert "\x1b[31m" not in outcome.out
    assert "x\\x1b[31m\\ny" in outcome.out


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "x: no such file; name a zip"),
        (b"", "x: no zip that can be read (it is empty)"),
        (b"PK", "x: no zip that can be read"),
        (b"{", "x: no JSON, and no zip"),
        (b"{\xff", "x: no JSON, and no zip"),
        (b"{" * 100_000, "x: no JSON, and no zip"),
        (b"{}", "x: not the report of a build"),
        (b'{"entries": [], "version": 99}', "x: a report of version 99, and only 1 is understood"),
        (b'{"entries": [], "version": 1, "artifact": null}', "x: the build made no zip"),
        (
            b'{"entries": [1], "version": 1, "artifact": {"x": 1}, "prefix": ""}',
            "x: not a whole report",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    tmp_path: Path, content: bytes | None, line: str
) -> None:
    write_tree(tmp_path / "a", {"a": "1"})
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    outcome = slim("diff", "a", "x", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"slim: {line}")
    assert outcome.err.count("\n") == 1


def test_an_encrypted_zip_can_be_compared_as_only_names_and_sizes_are_read(pair: Path) -> None:
    subprocess.run(["zip", "-qr", "-P", "x", "../enc.zip", "."], cwd=pair / "old", check=True)
    outcome = slim("diff", "enc.zip", "old.zip", cwd=pair)
    assert outcome.code == 0, outcome.text
