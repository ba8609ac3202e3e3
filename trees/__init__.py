"""Real trees, and the programs that look at them: made once and kept in build/.

Tests, bench and demo share them. Whatever cannot be had here raises `Unavailable`.
"""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parent / "build"
REAL = BUILD / "real"


class Unavailable(Exception):  # noqa: N818 - it reads as what it says
    """A tree or a program cannot be had here; the message says why."""


def digest(folder: Path) -> str:
    """Return a name for what a folder holds now: a tree that is made of it is kept under it."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()[:12]
