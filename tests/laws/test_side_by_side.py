"""Artifacts that are built side by side come out, and are told, as each does alone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from slimmer.cli.side_by_side import side_by_side
from slimmer.parallel import available_cores, may_fork
from tests.support.command import SLIM, environment, on_a_terminal, slim
from tests.support.trees import write_tree

NAMES = ("base", "one", "two", "three", "broken")
FILE = """
[artifact.one]
tree = "one"
output = "dist/one.zip"
with = "base"
reports = { json = "dist/one.json", html = "dist/one.html" }

[artifact.two]
tree = ["two", "more"]
output = "dist/two.zip"
tier = "safe"

[artifact.three]
tree = "three"
output = "dist/three.zip"
base = "base"

[artifact.broken]
tree = "gone"
output = "dist/broken.zip"

[artifact.base]
tree = "base"
output = "dist/base.zip"
kind = "layer"
"""
TEXT = "".join(f"VALUE_{number} = {number}\n" for number in range(2000))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    trees = {f"{name}/{name}.py": f"# {name}\n{TEXT}" for name in ("one", "two", "three", "more")}
    alike = {"base/python/same.py": TEXT, "three/python/same.py": TEXT}
    return write_tree(tmp_path, {**trees, **alike, "slim.toml": FILE})


def on_cores(count: int) -> tuple[str, ...]:
    """Return what a command is run through to have so many cores, or as many as there are."""
    there = sorted(os.sched_getaffinity(0))
    return "taskset", "--cpu-list", ",".join(map(str, there[:count]))


def built(folder: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "dist").iterdir())}


def without_times(text: str) -> list[str]:
    return [line for line in text.splitlines() if " CPU" not in line]


def test_all_are_as_each_is_alone_and_told_as_one_after_another(work: Path) -> None:
    together = slim("build", cwd=work, through=on_cores(64))
    made = built(work)
    assert sorted(made) == ["base.zip", "one.html", "one.json", "one.zip", "three.zip", "two.zip"]
    in_turn = slim("build", cwd=work, through=on_cores(1))
    assert built(work) == made
    assert together.code == in_turn.code == 3  # of the one whose tree is not there
    assert without_times(together.out) == without_times(in_turn.out)
    assert together.err == in_turn.err
    told = [line.partition(":")[0] for line in together.err.splitlines() if ": slim build" in line]
    assert told == list(NAMES)
    assert "slim: broken: gone: no such file or folder" in together.err
    for path in (work / "dist").iterdir():
        path.unlink()
    for name in NAMES[:-1]:
        assert slim("build", name, cwd=work, process=True).code == 0
    assert built(work) == made


def test_checks_are_told_as_one_after_another(work: Path) -> None:
    slim("build", cwd=work)
    together = slim("check", cwd=work, through=on_cores(64))
    in_turn = slim("check", cwd=work, through=on_cores(1))
    assert together == in_turn
    assert together.code == 3  # there is no zip of the broken one


def test_a_terminal_is_shown_what_is_done_and_each_report_whole(work: Path) -> None:
    shown = on_a_terminal(work, "build", env={"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"})
    reports = [shown.index(f"wrote {name}.zip") for name in NAMES[:-1]]
    assert reports == sorted(reports)
    lines = shown.replace("\r\n", "\n").split("\n")
    assert not [line for line in lines if "wrote" in line and " done" in line.split("\x1b[K")[-1]]
    if available_cores() > 1:
        assert "0 of 5 done, now base, two" in shown


def test_one_that_is_ended_is_done_again_and_what_is_raised_reaches_the_caller() -> None:
    parent = os.getpid()

    def killed(name: str) -> int:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return len(name)

    def broken(_: str) -> int:
        raise ZeroDivisionError

    needs = {"a": (), "bb": ("a", "not built here"), "ccc": ()}
    assert [done.code for done in side_by_side(needs, killed, quiet=True)] == [1, 2, 3]
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(needs, broken, quiet=True))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_slim_ends_all_and_leaves_no_zip(work: Path, number: int) -> None:
    for name in ("one", "two"):  # a pipe that nobody writes to is not opened; a folder is walked
        write_tree(work / name, {f"{i:05}.py": f"# {i}\n{TEXT}" for i in range(150)})
    with subprocess.Popen(
        [*SLIM, "build", "one", "two"],
        cwd=work,
        env=environment({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        while not (work / "dist").is_dir():
            time.sleep(0.01)
        process.send_signal(number)
        assert process.stderr is not None
        process.stderr.read()  # the streams are closed once nothing of it is left
    assert not [path.name for path in (work / "dist").iterdir() if path.suffix != ".tmp"]


def test_both_cores_are_used_where_there_are_two() -> None:
    if may_fork() and available_cores() > 1:
        parent = os.getpid()
        codes = [
            done.code
            for done in side_by_side(
                {"a": (), "b": ()}, lambda _: int(os.getpid() == parent), quiet=True
            )
        ]
        assert codes == [0, 0]


def test_what_one_writes_into_the_tree_of_another_is_refused(work: Path) -> None:
    text = (work / "slim.toml").read_text().replace('"dist/two.zip"', '"one/two.zip"')
    (work / "slim.toml").write_text(text)
    for words in ((), ("one",)):
        done = slim("build", *words, cwd=work)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "one/two.zip lies in the tree of one, and would ship with it" in done.err
        assert done.err.endswith("such as two.zip\n")
    assert slim("build", "base", cwd=work).code == 0
