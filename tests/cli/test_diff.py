from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.report.test_markdown import COMMENT, OURS, Page
from tests.support.command import slim
from tests.support.trees import write_tree

LONG = hashlib.shake_128(b"long").hexdigest(3000)  # compressed to the same size each time


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


def test_a_folder_that_a_terminal_would_obey_is_escaped_as_a_component_too(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", {"x": "1"})
    write_tree(tmp_path / "b", {"y\x1b[31m/x": "2"})
    outcome = slim("diff", "a", "b", cwd=tmp_path)
    assert "\x1b[31m" not in outcome.out
    assert "other/y\\x1b[31m" in outcome.out


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("unzipped_bytes", "1e999"),
        ("compressed_bytes", "9" * 400),
        ("unzipped_bytes", "-1"),
        ("component", "[1]"),
        ("component", "7"),
        ("path", "null"),
    ],
)
def test_a_report_that_was_changed_by_hand_is_one_line_and_3(
    pair: Path, key: str, value: str
) -> None:
    text = re.sub(rf'("{key}": )[^\n]*?(,?\n)', rf"\g<1>{value}\2", (pair / "old.json").read_text())
    (pair / "hand.json").write_text(text)
    outcome = slim("diff", "hand.json", "new.zip", cwd=pair)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (3, "", 1), outcome.text
    assert outcome.err.startswith("slim: hand.json: not a whole report (")


def test_half_a_character_in_a_report_is_shown_as_it_stands(pair: Path) -> None:
    text = (pair / "old.json").read_text().replace("goes.txt", "goes\\ud800")
    (pair / "hand.json").write_text(text)
    args = ("hand.json", "new.zip", "--json", "d.json", "--markdown", "d.md")
    outcome = slim("diff", *args, cwd=pair)
    assert outcome.code == 0, outcome.text
    assert "goes\\ud800" in outcome.out


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_a_file_that_may_no_longer_be_run_is_changed(tmp_path: Path, ending: str) -> None:
    for name, mode in (("a", 0o755), ("b", 0o644)):
        write_tree(tmp_path / name, {"bootstrap": "start", "other": "same", "README": "1"})
        (tmp_path / name / "bootstrap").chmod(mode)
        subprocess.run(["zip", "-qr", f"../{name}.zip", "."], cwd=tmp_path / name, check=True)
    forth = slim("diff", f"a{ending}", f"b{ending}", "--json", "d.json", cwd=tmp_path)
    assert "bootstrap (no longer executable)" in forth.out
    assert "files: 1 changed" in forth.out
    rows = json.loads((tmp_path / "d.json").read_text("utf-8"))["differences"]
    assert [(row["what"], row["executable"]) for row in rows] == [("changed", False)]
    page_of(tmp_path, f"b{ending}", f"a{ending}")
    assert "bootstrap (now executable)" in (tmp_path / "diff.md").read_text("utf-8")
    assert slim("diff", "a", "b.zip", cwd=tmp_path).out.startswith("the same: ")


def page_of(folder: Path, *args: str) -> Page:
    outcome = slim("diff", *args, "--markdown", "diff.md", cwd=folder)
    assert outcome.code == 0, outcome.text
    return Page((folder / "diff.md").read_text("utf-8"))


def test_the_markdown_shows_the_sums_the_components_and_folds_the_files(pair: Path) -> None:
    page = page_of(pair, "old.zip", "new.zip")
    sizes = [(pair / name).stat().st_size for name in ("old.zip", "new.zip")]
    title = f"slim diff: old.zip to new.zip, {sizes[0]:,} B -> {sizes[1]:,} B ("
    assert page.all("h3")[0].startswith(title)
    document = json.loads(slim("diff", "old.zip", "new.zip", "--json", "-", cwd=pair).out)
    sums = page.table("")[1:]
    for row, side in zip(sums[:2], ("old", "new"), strict=True):
        keys = ("unzipped_bytes", "compressed_bytes")
        assert row == [side, "6", *(f"{document[side][key]:,} B" for key in keys)]
    assert sums[2][:3] == ["change", "+0", "+6 B"]
    components = {row[0] for row in page.table("component")[1:]}
    assert components == {"erlang/app", "erlang/priv", "erlang/root"}
    assert page.all("summary") == ["Files: 1 added, 1 removed, 1 changed, 2 moved"]
    assert ["removed", "priv/goes.txt", "-1 B"] in [row[:3] for row in page.table("what")]
    assert page.tags <= OURS


def test_of_folders_the_markdown_says_how_many_files_differ_and_no_zipped_bytes(
    pair: Path,
) -> None:
    page = page_of(pair, "old", "new")
    assert page.all("h3") == ["slim diff: old to new, 1 added, 1 removed, 1 changed, 2 moved"]
    assert [row[3] for row in page.table("")] == ["zipped", "", "", "-"]
    assert page_of(pair, "old", "old.zip").all("h3") == ["slim diff: old and old.zip hold the same"]


def test_of_thousands_of_differences_the_markdown_fits_a_comment(tmp_path: Path) -> None:
    write_tree(tmp_path / "a", {"x": "1"})
    write_tree(tmp_path / "b", {f"{n:04}-{'é' * 60}": "x" * n for n in range(1, 2000)})
    page = page_of(tmp_path, "a", "b")
    assert len((tmp_path / "diff.md").read_text("utf-8")) <= COMMENT
    shown = page.table("what")[1:]
    assert len(shown) > 100
    assert shown[-1][0] == f"and {1999 + 1 - (len(shown) - 1):,} more"
    assert page.all("p")[-1].startswith("Shortened to fit")


def test_a_report_stands_for_the_zip_that_it_tells_of(pair: Path) -> None:
    expected = json.loads(slim("diff", "old.zip", "new.zip", "--json", "-", cwd=pair).out)
    for old, new in (("old.json", "new.zip"), ("old.zip", "new.json"), ("old.json", "new.json")):
        found = json.loads(slim("diff", old, new, "--json", "-", cwd=pair).out)
        for side in ("old", "new"):
            del found[side]["name"]
            assert found[side].items() <= expected[side].items()
        for key in ("components", "differences"):
            assert found[key] == expected[key]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--json", "-", "--markdown", "-"), "--json and --markdown cannot share standard output"),
        (("--json", "a", "--markdown", "a"), "--json and --markdown name the same file"),
        (("--json", "new.zip"), "new.zip: NEW and --json name the same file"),
        (("--markdown", "old/a.md"), "old/a.md: --markdown lies inside the tree"),
        (("--markdown", "none/a.md"), "none/a.md: the folder for --markdown does not exist"),
    ],
)
def test_what_cannot_be_written_is_told_first(
    pair: Path, args: tuple[str, ...], words: str
) -> None:
    before = sorted(path.name for path in pair.rglob("*"))
    outcome = slim("diff", "old", "new.zip", *args, cwd=pair)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert sorted(path.name for path in pair.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "x: no such file or folder; name one that is there"),
        (b"", "x: cannot be read as a zip (it is empty)"),
        (b"PK", "x: cannot be read as a zip"),
        (b"{", "x: neither JSON nor a zip"),
        (b"{\xff", "x: neither JSON nor a zip"),
        (b"{" * 100_000, "x: neither JSON nor a zip"),
        (b"{}", "x: not the report of a build"),
        (b'{"entries": [], "version": 99}', "x: a report of version 99, and only 1 is understood"),
        (b'{"entries": [], "version": 1, "artifacts": []}', "x: the build made no zip"),
        (
            b'{"entries": [1], "version": 1, "artifacts": [{"x": 1}], "prefix": ""}',
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
