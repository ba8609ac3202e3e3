"""A zip and its reports are of one build, whatever ends the process and whenever."""

from __future__ import annotations

import json
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimmer.outputs import leftovers
from slimmer.outputs.atomic import NewFile
from tests.support.command import slim
from tests.support.faults import slim_with_signal
from tests.support.trees import write_tree

ARGS = (
    *("build", "tree", "-o", "out.zip", "--no-cache", "--json", "report.json"),
    *("--markdown", "report.md"),
)
REPORTS = ("report.json", "report.md")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a folder with the zip and the reports of a tree that has grown since."""
    work = tmp_path / "work"
    write_tree(work / "tree", {"a.txt": "first\n"})
    assert slim(*ARGS, cwd=work).code == 0
    write_tree(work / "tree", {"b.txt": "second\n"})
    return work


def ages(work: Path) -> dict[str, str]:
    """Return of each output that is there whether it is of the old tree or of the new one."""
    found = {}
    if (work / "out.zip").exists():
        with zipfile.ZipFile(work / "out.zip") as archive:
            found["out.zip"] = "new" if "b.txt" in archive.namelist() else "old"
    if (work / "report.json").exists():
        entries = json.loads((work / "report.json").read_bytes())["entries"]
        found["report.json"] = "new" if any(e["path"] == "b.txt" for e in entries) else "old"
    if (work / "report.md").exists():
        zip_bytes = (work / "report.md").read_text().partition("zipped")[2][:40]
        found["report.md"] = zip_bytes
    return found


def moments(work: Path, tmp_path: Path, number: signal.Signals) -> Iterator[tuple[int, str, Path]]:
    """Yield for each change on the disk what is left of a run that was sent a signal before it."""
    for at in range(1, 100):
        here = tmp_path / f"at-{at}" / "work"
        write_tree(here / "tree", {"a.txt": "first\n", "b.txt": "second\n"})
        for name in ("out.zip", *REPORTS):
            (here / name).write_bytes((work / name).read_bytes())
        ended = slim_with_signal(*ARGS, cwd=here, at=at, number=number)
        yield ended.code, ended.err, here
        if ended.code == 0:
            return


def test_a_signal_leaves_all_old_or_all_new_and_the_message_says_which(
    work: Path, tmp_path: Path
) -> None:
    messages = set()
    old = ages(work)
    for code, err, here in moments(work, tmp_path, signal.SIGTERM):
        names = {path.name for path in here.iterdir()}
        assert names == {"tree", "out.zip", *REPORTS}
        is_new = ages(here)["out.zip"] == "new"
        changed = {name for name, age in ages(here).items() if age != old[name]}
        assert changed == ({"out.zip", *REPORTS} if is_new else set())
        if code:
            assert code == 130
            messages.add((is_new, err))
    line = "slim: interrupted; out.zip and report.json and report.md were written\n"
    assert messages == {(True, line)}


def test_a_killed_build_leaves_no_zip_beside_the_report_of_another(
    work: Path, tmp_path: Path
) -> None:
    seen = set()
    for _, _, here in moments(work, tmp_path, signal.SIGKILL):
        left = ages(here)
        assert left.get("report.json", left["out.zip"]) == left["out.zip"]
        seen.add((left["out.zip"], len(left)))
        # The next build clears what was left, and what it finds is whole.
        assert slim(*ARGS, cwd=here).code == 0
        assert {path.name for path in here.iterdir()} == {"tree", "out.zip", *REPORTS}
    assert {("old", 3), ("new", 1), ("new", 3)} <= seen


# --- what a killed slim leaves behind ---


def test_a_live_slim_is_not_taken_for_dead(tmp_path: Path) -> None:
    with NewFile(tmp_path / "a", "--output") as first:
        first.write(b"first")
        with NewFile(tmp_path / "b", "--output") as second:
            second.write(b"second")  # clears what is dead
            assert first.aside.read_bytes() == b""
            assert len(list(tmp_path.iterdir())) == 2
            second.commit()
        first.commit()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a": b"first",
        "b": b"second",
    }


@pytest.mark.parametrize("name", [".slim-notes.tmp", ".slim-0123456789ab.tmp", ".slim-.tmp"])
def test_a_file_of_the_users_own_is_never_cleared(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    leftovers.clear(tmp_path, ".slim-", ".tmp", Path.unlink)
    assert (tmp_path / name).read_text() == "mine"


def test_what_another_machine_may_still_hold_is_not_cleared(tmp_path: Path) -> None:
    path = leftovers.name_in(tmp_path, ".slim-", ".tmp")
    machine, _, rest = path.name.removeprefix(".slim-").partition("-")
    other = tmp_path / f".slim-{machine[::-1]}x-{rest}"
    for file in (path, other):
        file.touch()
    leftovers.clear(tmp_path, ".slim-", ".tmp", Path.unlink)
    assert list(tmp_path.iterdir()) == [other]
