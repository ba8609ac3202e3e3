"""Finds other Pythons than the one that runs, and gives them what slim needs."""

import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from trees import HERE, REAL, Unavailable, debian, once

SUPPORTED = (11, 12, 13, 14)  # as pyproject.toml says
_ASK = "import ensurepip, sys, venv; print(*sys.version_info[:2])"


@once
def others() -> tuple[Path, ...]:
    """Give a Python with what slim needs for every other minor version that is at hand."""
    minors = [minor for minor in SUPPORTED if minor != sys.version_info.minor]
    found = {minor: _find(minor) for minor in minors}
    return tuple(_with_needs(minor, python) for minor, python in found.items() if python)


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


def _with_needs(minor: int, python: Path) -> Path:
    """Give the Python of a venv, which is made anew when what slim needs has changed."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))
    needs: list[str] = settings["project"]["dependencies"]
    name = hashlib.sha256("\n".join(needs).encode()).hexdigest()[:12]
    dest = REAL / f"python3.{minor}-{name}"
    if not dest.is_dir():
        with debian.aside(dest) as venv:
            subprocess.run([python, "-m", "venv", venv], check=True, capture_output=True)
            pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            done = subprocess.run([*pip, *needs], capture_output=True, text=True, check=False)
            if done.returncode:
                reason = f"python3.{minor} is there, but pip cannot bring what slim needs"
                raise Unavailable(f"{reason}: {done.stderr}")
    return dest / "bin" / "python"
