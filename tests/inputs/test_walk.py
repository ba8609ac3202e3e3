"""The walk gives the same picture whether or not a child takes half of it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from slimmer.errors import InputError
from slimmer.inputs.folder import scan
from slimmer.inputs.walk import WORTH_SHARING
from tests.support.command import slim, without_privileges
from tests.support.faults import slim_with_signal
from tests.support.threads import another_thread


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """A tree wide enough to be shared, with every kind of entry that can be kept."""
    root = tmp_path / "wide"
    for number in range(2 * WORTH_SHARING):
        folder = root / f"d{number}"
        (folder / "inner").mkdir(parents=True)
        (folder / "file").write_text("x" * number)
        (folder / "inner" / "program").write_text("#!/bin/sh\n")
        (folder / "inner" / "program").chmod(0o700)
        (folder / "link").symlink_to("file")
    return root


def test_a_shared_walk_finds_what_one_alone_finds(wide: Path) -> None:
    with another_thread():
        alone = scan(wide)
    shared = scan(wide)
    assert shared.tree == alone.tree
    assert len(shared.tree.entries) == 2 * WORTH_SHARING * 5
    assert shared.read("d7/file") == b"x" * 7


def test_no_child_stays_behind(wide: Path) -> None:
    before = children()
    scan(wide)
    assert children() <= before


@pytest.mark.parametrize("at", [5, 50, 190])
def test_when_it_is_killed_no_child_holds_its_streams(tmp_path: Path, at: int) -> None:
    for number in range(2 * WORTH_SHARING):
        folder = tmp_path / "work" / "tree" / f"d{number}"
        folder.mkdir(parents=True)
        for letter in "abc":  # the child finds more than a pipe holds
            (folder / (letter * 200)).touch()
    ended = slim_with_signal(
        *("build", "tree"),
        cwd=tmp_path / "work",
        at=at,
        number=signal.SIGKILL,
        kinds=["os.scandir"],
    )
    assert ended.code == -signal.SIGKILL


def children() -> set[str]:
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


@pytest.mark.parametrize("number", [2 * WORTH_SHARING - 1, 2 * WORTH_SHARING - 2, 0, 1])
def test_a_folder_that_cannot_be_listed_is_told_whoever_meets_it(wide: Path, number: int) -> None:
    shut = wide / f"d{number}" / "inner"
    shut.chmod(0)
    try:
        outcome = slim("build", str(wide), cwd=wide.parent, through=without_privileges())
    finally:
        shut.chmod(0o700)
    assert outcome.code == 3
    assert f"d{number}/inner: no permission to list this folder" in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        scan(tmp_path / "nowhere")
