"""A project with its virtual environment builds without it, though its links leave the tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree

pytestmark = pytest.mark.real


def test_an_environment_of_python_is_dropped_where_nothing_needs_it(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"app.py": "print(42)\n"})
    make = (sys.executable, "-m", "venv", "--without-pip", tree / ".venv")
    subprocess.run(make, check=True)
    made = build(tree, tmp_path / "out")
    assert made.status == 0, made.said
    assert ".venv: a virtual environment of Python" in made.said
    shipped = unpack(made.zip, tmp_path / "unpacked")
    assert [path.name for path in shipped.iterdir()] == ["app.py"]
