"""No depth of a stranger's tree or file is too much: nothing in slim calls itself without bound."""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import slimmer
from slimmer.folders import remove
from tests.support.command import slim

DEPTH = 1_000  # as deep as Python's stack
#: Functions that call themselves, and what bounds them.
BOUNDED = {
    ("applications.py", "term"): "_MAX_DEPTH",
    ("manifest.py", "_strings"): "_MAX_DEPTH",
    ("names.py", "_found"): "a text without a slash",
    ("options.py", "_as_utf8"): "a tuple of texts",
    ("package_json.py", "of"): "_MAX_DEPTH",
    ("targets.py", "_parse"): "slim's own data",
    ("workspace.py", "_seen"): "the links among the machine's own mounts",
}
#: What the standard library does by calling itself, in Python 3.11.
RECURSIVE = {"walk", "rmtree", "copytree", "rglob", "deepcopy"}


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a tree that is nested deeper than Python's stack.

    It goes afterwards, whatever came of the test: pytest's own way to remove it calls itself.
    """
    (tmp_path / "tree").mkdir()
    with contextlib.chdir(tmp_path / "tree"):
        for _ in range(DEPTH):
            Path("d").mkdir()
            os.chdir("d")
        Path("f.txt").write_text("x")
    (tmp_path / "e.json").write_text("{}")
    yield tmp_path
    remove(tmp_path / "tree")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("build", "tree", "--json", "r.json", "--html", "r.html", "--markdown", "r.md"), 0),
        (("inspect", "tree"), 0),
        (("rules", "tree"), 0),
        (("explain", "tree", "d"), 0),
        (("diff", "tree", "tree"), 0),
        (("verify", "tree", "--event", "e.json"), 5),
    ],
)
def test_a_deep_tree_is_read(deep: Path, args: tuple[str, ...], code: int) -> None:
    outcome = slim(*args, cwd=deep, process=True, env={"TMPDIR": str(deep)})
    assert (outcome.code, outcome.err) == (code, ""), outcome.text
    assert not list(deep.glob("slim-verify-*"))


def test_nothing_calls_itself_without_bound() -> None:
    found = set()
    for file in Path(slimmer.__file__).parent.rglob("*.py"):
        for owner in ast.walk(ast.parse(file.read_text("utf-8"))):
            for function in owner.body if isinstance(owner, ast.Module | ast.ClassDef) else ():
                if isinstance(function, ast.FunctionDef):
                    name = ("self." if isinstance(owner, ast.ClassDef) else "") + function.name
                    calls = [c for c in ast.walk(function) if isinstance(c, ast.Call)]
                    if any(ast.unparse(call.func) == name for call in calls):
                        found.add((file.name, function.name))
    assert found == set(BOUNDED)


def test_nothing_walks_by_the_library_s_recursion() -> None:
    found = {
        (file.name, node.attr)
        for file in Path(slimmer.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in RECURSIVE
    }
    assert found == set()
