"""How much is said, and how it looks: quiet and verbose, colours and bars, terminals and pipes."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from slimmer.cli.terminal import Bar
from tests.support.command import on_a_terminal, slim
from tests.support.trees import write_tree

FOLDERS = 30
BROKEN = 40


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a tree with more folders, rescues and warnings than a report shows unasked."""
    files: dict[str, bytes | str] = {
        "lib/kernel-1/ebin/kernel.app": "{application, kernel, []}.\n",
        "lib/kernel-1/doc/index.html": "<p>Read me</p>\n",
    }
    files |= {f"folder{n}/file": "x" for n in range(FOLDERS)}
    files |= {f"beams/m{n}.beam": b"FOR1 no module" for n in range(BROKEN)}
    write_tree(tmp_path / "tree", files)
    return tmp_path


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    """Give a tree of which there is nothing to warn."""
    write_tree(tmp_path / "tree", {"a.txt": "first\n", "lib/b.txt": "second\n"})
    return tmp_path


def rows(text: str, title: str) -> list[str]:
    tables = [part for part in text.split("\n\n") if part.startswith(title + " ")]
    assert len(tables) == 1, text
    return tables[0].splitlines()[1:]


def test_unasked_the_report_is_short_and_says_what_it_left_out(work: Path) -> None:
    out = slim("build", "tree", cwd=work).out
    assert len(rows(out, "kept")) == 13
    assert "20 smaller ones" in out
    shown = out.count("\nwarn: ")
    assert f"\n  and {BROKEN - shown} more not-understood (see --verbose)" in out


def test_verbose_cuts_nothing(work: Path) -> None:
    outcome = slim("build", "tree", "--verbose", cwd=work)
    assert (outcome.code, outcome.err) == (0, "")
    assert len(rows(outcome.out, "kept")) == FOLDERS + 2
    assert len(re.findall("^warn: ", outcome.out, re.MULTILINE)) == BROKEN
    assert "more (see" not in outcome.out
    assert "…" not in outcome.out


def test_quiet_says_nothing_where_all_is_well(calm: Path) -> None:
    outcome = slim("build", "tree", "--quiet", "--max", "1MB", cwd=calm)
    assert (outcome.code, outcome.text) == (0, "exit code 0\n")
    assert (calm / "tree.zip").is_file()
    assert on_a_terminal(calm, "build", "tree", "-q") == ""


def test_quiet_says_what_failed_and_what_to_be_warned_of_and_nothing_else(work: Path) -> None:
    warned = slim("build", "tree", "--quiet", cwd=work)
    assert warned.code == 0
    assert {line[:6] for line in warned.out.splitlines()} == {"warn: ", "  and "}
    failed = slim("build", "tree", "--quiet", "--max", "50B", cwd=work)
    assert failed.code == 1
    assert failed.out.startswith("fail: over the cap: zipped (--max) ")
    wrong = slim("build", "none", "--quiet", cwd=work)
    assert wrong.code == 3
    assert wrong.err.startswith("slim: none: no such file or folder")


def test_quiet_leaves_notes_out(calm: Path) -> None:
    write_tree(calm / "tree", {"lib/mod.py": "VALUE = 1\n", "a.dist-info/METADATA": ""})
    assert "note: " in slim("build", "tree", cwd=calm).out
    assert slim("build", "tree", "--quiet", cwd=calm).out == ""


def test_quiet_looks_for_notes_where_a_face_an_entry_or_a_failure_needs_them(calm: Path) -> None:
    alone = {"alone.py": "VALUE = 1\n", "alone-1.dist-info/METADATA": "Name: alone\n"}
    rows = "".join(f"{path},,\n" for path in (*alone, "alone-1.dist-info/RECORD"))
    tree = {**alone, "alone-1.dist-info/RECORD": rows, "app.py": "def handler(*_): return 1\n"}
    write_tree(calm / "tree", tree)
    built = slim("build", "tree", "-o", "a.zip", cwd=calm)
    assert "not reached from" in built.out
    quiet = slim("build", "tree", "-q", "-o", "b.zip", "--json", "b.json", cwd=calm)
    assert (quiet.code, quiet.out) == (0, "")
    assert (calm / "a.zip").read_bytes() == (calm / "b.zip").read_bytes()
    assert "not-reached" in (calm / "b.json").read_text(encoding="utf-8")
    failed = slim("build", "tree", "-q", "--fail-on", "not-reached", cwd=calm)
    assert (failed.code, failed.out[:6]) == (1, "fail: ")
    wrong = slim("build", "tree", "-q", "--entry", "none.handler", cwd=calm)
    assert (wrong.code, wrong.err[:6]) == (2, "slim: ")


def test_quiet_leaves_the_faces_as_they_are(work: Path) -> None:
    slim("build", "tree", "--json", "a.json", "--markdown", "a.md", cwd=work)
    slim("build", "tree", "-q", "--json", "b.json", "--markdown", "b.md", cwd=work)
    slim("build", "tree", "-v", "--json", "c.json", "--markdown", "c.md", cwd=work)
    for end in ("json", "md"):
        assert len({(work / f"{name}.{end}").read_bytes() for name in "abc"}) == 1


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize(
    "args",
    [("build", "tree"), ("explain", "tree", "a.txt"), ("rules",), ("build", "none"), ("x",)],
)
def test_a_terminal_has_colours_unless_told_otherwise(
    calm: Path, args: tuple[str, ...], env: Mapping[str, str], coloured: bool
) -> None:
    shown = on_a_terminal(calm, *args, env=env)
    assert ("\x1b[" in shown.replace("\x1b[K", "")) is coloured


@pytest.mark.parametrize(
    ("env", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": ""}, False)]
)
def test_a_pipe_has_colours_only_where_they_are_forced(
    calm: Path, env: Mapping[str, str], coloured: bool
) -> None:
    for args in (("build", "tree"), ("x",)):
        assert ("\x1b[" in slim(*args, cwd=calm, env=env).text) is coloured


def test_bars_are_for_terminals_only(calm: Path) -> None:
    write_tree(calm / "tree", {"big": bytes(3_000_000)})
    shown = on_a_terminal(calm, "build", "tree", env={"NO_COLOR": "1"})
    assert "\rpacking [" in shown
    assert re.search(r"\[\.{20}\] 1%", shown)
    for text in (slim("build", "tree", cwd=calm).text, slim("build", "tree", "-v", cwd=calm).text):
        assert "packing" not in text
        assert "[" not in text
        assert re.search(r"^unzipped .* 1%$", text, re.MULTILINE)


def test_measuring_has_its_bar_too(calm: Path) -> None:
    write_tree(calm / "tree", {f"doc/{name}": bytes(3_000_000) for name in "abc"})
    args = ("build", "tree", "--drop", "doc/", "--measure-dropped")
    assert "\rpacking what is dropped [####################] 9.0 MB" in on_a_terminal(calm, *args)
    assert "packing" not in on_a_terminal(calm, *args, "--quiet")


@pytest.mark.parametrize("columns", [39, 59, 79, 119])
def test_the_time_that_is_left_stands_on_a_narrow_terminal_too(columns: int) -> None:
    bar = Bar()
    with contextlib.redirect_stderr(io.StringIO()):
        bar.show("measuring what ships", 217_200_000, 353_400_000)
    line = bar.line(44, columns)
    assert len(line) <= columns
    assert "[#" in line or columns < 70
    assert line.endswith(", 61%, 28 s left") or columns < 50
