"""Finds other Pythons than the one that runs the tests, and gives them slim."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from demo import debian
from tests.real import artifacts
from tests.real.need import absent

_SUPPORTED = (11, 12, 13)  # as pyproject.toml says
_REPO = Path(__file__).parents[2]
_ASK = "import ensurepip, sys, venv; print(*sys.version_info[:2])"


@cache
def others() -> list[Path]:
    """Give a Python with slim for every other minor version that is at hand; skip without any."""
    minors = [minor for minor in _SUPPORTED if minor != sys.version_info.minor]
    found = {minor: _find(minor) for minor in minors}
    at_hand = {minor: python for minor, python in found.items() if python is not None}
    if not at_hand:
        names = " or ".join(f"python3.{minor}" for minor in minors)
        pytest.skip(f"no other Python at hand: neither PATH nor pyenv has a {names} with venv")
    return [_with_slim(minor, python) for minor, python in at_hand.items()]


def _find(minor: int) -> Path | None:
    return next((path for path in _candidates(minor) if _is_whole(path, minor)), None)


def _candidates(minor: int) -> Iterator[Path]:
    on_path = shutil.which(f"python3.{minor}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    if os.access(pyenv, os.R_OK | os.X_OK):
        yield from sorted(pyenv.glob(f"versions/3.{minor}.*/bin/python"))


def _is_whole(python: Path, minor: int) -> bool:
    """Tell whether it is that version and brings what a venv needs (a pyenv shim may do not)."""
    done = subprocess.run([python, "-c", _ASK], capture_output=True, text=True, check=False)
    return (done.returncode, done.stdout.split()) == (0, ["3", str(minor)])


def _with_slim(minor: int, python: Path) -> Path:
    """Give a venv's Python; the venv is made anew when what slim needs has changed."""
    needs = hashlib.sha256((_REPO / "pyproject.toml").read_bytes()).hexdigest()[:12]
    dest = artifacts.BUILD / "real" / f"python3.{minor}-{needs}"
    if not dest.is_dir():
        with debian.aside(dest) as venv:
            subprocess.run([python, "-m", "venv", venv], check=True, capture_output=True)
            pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            argv = [*pip, "--editable", str(_REPO)]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if done.returncode:
                absent(f"python3.{minor} is there, but pip cannot install slim: {done.stderr}")
    return dest / "bin" / "python"
