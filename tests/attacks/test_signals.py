"""A hundred signals, at moments from the first step of a build to its last."""

from __future__ import annotations

import json
import signal
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from slimmer.inputs.walk import WORTH_SHARING
from tests.support.command import slim
from tests.support.faults import STEPS, slim_with_signal
from tests.support.trees import write_tree

pytestmark = pytest.mark.heavy

ARGS = ("build", "tree", "-o", "out.zip", "--json", "report.json", "--html", "report.html")
OUTPUTS = {"out.zip", "report.json", "report.html"}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
EARLY, LATE = 12, 13  # moments spread over the whole run, and its last steps


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a folder with a tree that two processes walk, and the outputs of what it was before."""
    work = tmp_path / "work"
    write_tree(work / "tree", {f"d{n}/{'f' * 150}": "x" for n in range(2 * WORTH_SHARING)})
    assert slim(*ARGS, cwd=work).code == 0
    write_tree(work / "tree", {"new.txt": "new\n"})
    return work


def state(work: Path) -> dict[str, bool]:
    """Return of the zip and its report, where they are there, whether they are of the new tree."""
    found = {}
    if (work / "out.zip").exists():
        with zipfile.ZipFile(work / "out.zip") as archive:
            found["out.zip"] = "new.txt" in archive.namelist()
    if (work / "report.json").exists():
        entries = json.loads((work / "report.json").read_bytes())["entries"]
        found["report.json"] = any(entry["path"] == "new.txt" for entry in entries)
    return found


def moments(steps: int) -> list[int]:
    """Return the numbers of the steps before which a signal is sent."""
    early = [1 + number * (steps - LATE) // EARLY for number in range(EARLY)]
    return [*early, *range(steps - LATE + 1, steps + 1)]


def test_a_hundred_signals(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = {name: (work / name).read_bytes() for name in OUTPUTS}
    whole = slim_with_signal(*ARGS, cwd=work, at=0, number=signal.SIGTERM, kinds=STEPS)
    assert whole.code == 0
    seen: Counter[str] = Counter()
    for number in SIGNALS:
        for at in moments(whole.steps):
            for name, data in old.items():
                (work / name).write_bytes(data)
            ended = slim_with_signal(*ARGS, cwd=work, at=at, number=number, kinds=STEPS)
            left = state(work)
            assert left.get("report.json", left["out.zip"]) == left["out.zip"], (number, at)
            names = {path.name for path in work.iterdir()} - {"tree"}
            if number == signal.SIGKILL:
                assert slim(*ARGS, cwd=work).code == 0
                assert {path.name for path in work.iterdir()} == OUTPUTS | {"tree"}
            else:
                assert names == OUTPUTS
                assert ended.code in (0, 130), ended
                said = "were written" if left["out.zip"] else "nothing was written"
                assert ended.code == 0 or said in ended.err, (number, at, ended)
            seen["the new set" if left["out.zip"] else "the old set"] += 1
    moment_count = EARLY + LATE
    with capsys.disabled():
        print(f"\nsignals: {seen.total()}, of 4 kinds at {moment_count} moments; {dict(seen)}")
