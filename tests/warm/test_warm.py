"""`slim warm` with functions that it has nothing for: one line, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Outcome, slim
from tests.support.functions import ECHO


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "e.json").write_text("1", "utf-8")
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "bootstrap").write_text(ECHO, "utf-8")
    return folder


def warm(tree: Path) -> Outcome:
    done = slim("warm", "tree", "--event", "e.json", cwd=tree.parent, process=True)
    assert not (tree.parent / "slim.warm.zip").exists()
    return done


def test_a_function_of_another_language_is_told_what_there_is(tree: Path) -> None:
    done = warm(tree)
    assert (done.code, done.err.count("slim:")) == (2, 1)
    assert "slim warm has nothing to make for this function" in done.err


def test_a_runtime_that_leaves_no_cache_fails(tree: Path) -> None:
    (tree / "node").write_text("#!/bin/sh\n", "utf-8")
    done = warm(tree)
    assert (done.code, "Node.js wrote no compile cache" in done.err) == (3, True)


def test_an_event_that_fails_makes_nothing(tree: Path) -> None:
    (tree / "node").write_text("#!/bin/sh\n", "utf-8")
    (tree / "bootstrap").write_text("#!/bin/sh\nexit 3\n", "utf-8")
    done = warm(tree)
    assert (done.code, "exited with code 3" in done.err) == (3, True)
