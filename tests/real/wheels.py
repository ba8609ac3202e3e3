"""Brings wheels of pinned versions by pip, laid out as in a layer, and keeps them in build/."""

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

from demo import debian
from tests.real import artifacts
from tests.real.need import absent

_OLDER = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]


@cache
def layer(
    *requirements: str, python: str = "3.11", platform: str = "manylinux_2_34_x86_64"
) -> Path:
    """Give a folder whose python/ holds these wheels, for a Python and a platform."""
    key = " ".join((*requirements, python, platform))
    dest = artifacts.BUILD / "real" / f"wheels-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            where = ["--target", str(folder / "python"), "--only-binary=:all:"]
            kind = ["--python-version", python, "--platform", platform]
            kind += [w for other in _OLDER for w in ("--platform", other)]
            kind += ["--implementation", "cp"]
            argv = [*_PIP, *where, *kind, *requirements]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if done.returncode:
                absent(f"pip cannot bring {', '.join(requirements)}: {done.stderr}")
    return dest
