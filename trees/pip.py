"""Brings packages of PyPI by pip, each set into a folder of its own that is kept."""

import subprocess
import sys
from pathlib import Path

from trees import Unavailable, debian


def brought(dest: Path, what: str, *options: str, inside: str = "") -> Path:
    """Give the folder `dest` with what `pip install OPTIONS` puts there, or into a folder inside.

    Raises Unavailable, which names `what` cannot be had.
    """
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            pip = [sys.executable, "-m", "pip", "install", "--quiet"]
            argv = [*pip, "--target", str(folder / inside), *options]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"no {what}: pip cannot bring it: {done.stderr.strip()}")
    return dest
