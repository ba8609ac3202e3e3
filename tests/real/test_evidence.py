"""Programs that read what looks like waste answer as before, at every tier."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import REAL, pip

pytestmark = pytest.mark.real

PACKAGES = ("cython==3.1.4", "ansible-core==2.18.9")
PYX = "def add(int a, int b):\n    yield a + b\n"


def ran(tree: Path, folder: Path, *argv: str) -> None:
    """Run a module of a tree in a new folder, as `python -m` does."""
    folder.mkdir()
    (folder / "q.pyx").write_text(PYX, "utf-8")
    env = {"HOME": str(folder), "PYTHONPATH": str(tree), "LC_ALL": "C.UTF-8", "PATH": "/bin"}
    command = [sys.executable, "-B", "-m", *argv]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def made(folder: Path) -> dict[str, int]:
    """Return the sizes of the files that a program made in a folder, in bytes."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".ansible" not in path.parts)
    return {str(path.relative_to(folder)): path.stat().st_size for path in paths}


@pytest.mark.parametrize("tier", ["default", "aggressive"])
def test_a_compiler_and_a_generator_keep_their_own_input(tmp_path: Path, tier: str) -> None:
    options = ("--no-compile", "--only-binary", ":all:", *PACKAGES)
    tree = pip.brought(REAL / "-".join(PACKAGES), "Cython and ansible", *options)
    built = build(tree, tmp_path / "out", "--tier", tier, "--level", "1")
    layer = unpack(built.zip, tmp_path / "layer")
    for name, argv in {
        "cython": ("cython", "-3", "q.pyx"),
        "role": ("ansible.cli.galaxy", "role", "init", "x"),
    }.items():
        for place, folder in ((tree, tmp_path / f"{name}-before"), (layer, tmp_path / name)):
            ran(place, folder, *argv)
        before = made(tmp_path / f"{name}-before")
        assert made(tmp_path / name) == before
        assert {"q.c", "x/tests/test.yml"} & set(before)
