"""pip install -e leaves a project outside the tree: the build fails until it is installed whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build
from tests.real.need import absent

pytestmark = pytest.mark.real

PROJECT = """
[project]
name = "acme-rules"
version = "1.0"
[build-system]
requires = ["{0}"]
build-backend = "{0}.build{1}"
"""


@pytest.mark.parametrize(("backend", "end"), [("setuptools", "_meta"), ("hatchling", "")])
def test_an_editable_install_fails_and_the_same_installed_whole_does_not(
    tmp_path: Path, backend: str, end: str
) -> None:
    source = tmp_path / "source"
    (source / "acme_rules").mkdir(parents=True)
    (source / "acme_rules/__init__.py").write_text("X = 1\n", "utf-8")
    (source / "pyproject.toml").write_text(PROJECT.format(backend, end), "utf-8")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
    ]
    for name, how in (("editable", ["-e"]), ("whole", [])):
        argv = [*pip, str(tmp_path / name / "python"), *how, str(source)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            absent(f"pip cannot install a project of {backend}'s: {done.stderr}")
    editable = build(tmp_path / "editable", tmp_path / "a", "--level", "1")
    assert editable.status == 1
    (failure,) = [f for f in editable.report["findings"] if f["severity"] == "fail"]
    assert failure["code"] == "editable-install"
    assert f"pip install --target DIR {source}, without -e" in failure["message"]
    whole = build(tmp_path / "whole", tmp_path / "b", "--level", "1")
    assert whole.status == 0, whole.said
    assert {f["severity"] for f in whole.report["findings"]} <= {"note"}
