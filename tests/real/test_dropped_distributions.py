"""A checker left in a layer goes with its compiled half and its programs, or works as a whole."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import wheels

pytestmark = pytest.mark.real

MYPY = (
    "mypy==1.18.2",
    "mypy-extensions==1.1.0",
    "pathspec==0.12.1",
    "typing-extensions==4.14.1",
)
CODE = "from mypy import api\nprint(api.run(['--version']))\n"


def test_mypy_goes_as_a_whole_or_stays_as_a_whole(tmp_path: Path) -> None:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    tree = wheels.layer(*MYPY)
    built = build(tree, tmp_path / "out", "--level", "1")
    assert built.status == 0, built.said
    left = {row["path"] for row in built.report["entries"] if row["step"] != "drop"}
    assert not [path for path in left if path.endswith("__mypyc.cpython-311-x86_64-linux-gnu.so")]
    assert not [path for path in left if path.startswith("python/bin/")]
    layer = unpack(built.zip, tmp_path / "layer") / "python"
    names = [each.metadata["Name"] for each in distributions(path=[str(layer)])]
    assert sorted(names) == ["mypy_extensions", "pathspec", "typing_extensions"]
    assert not [path.name for path in layer.iterdir() if re.match(r"mypy(?!_ext)", path.name)]

    function = tmp_path / "function"
    shutil.copytree(tree / "python", function)
    (function / "app.py").write_text(CODE, "utf-8")
    run = (sys.executable, "-S", "app.py")
    before = subprocess.run(run, cwd=function, capture_output=True, text=True, check=True).stdout
    built = build(function, tmp_path / "out", "--level", "1")
    shipped = unpack(built.zip, tmp_path / "unpacked")
    after = subprocess.run(run, cwd=shipped, capture_output=True, text=True, check=False)
    assert (after.returncode, after.stdout) == (0, before), after.stderr
    assert "mypy 1.18.2 (compiled: yes)" in before
