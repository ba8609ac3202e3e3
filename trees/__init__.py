"""Real trees, and the programs that look at them: made once and kept in build/.

Tests, bench and demo share them. Whatever cannot be had here raises `Unavailable`.
"""

import fcntl
import functools
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

HERE = Path(__file__).parent
BUILD = HERE.parent / "build"
REAL = BUILD / "real"

P = ParamSpec("P")
T = TypeVar("T")


class Unavailable(Exception):  # noqa: N818 - it reads as what it says
    """A tree or a program cannot be had here; the message says why."""


def digest(folder: Path) -> str:
    """Return a name for what a folder holds now: a tree that is made of it is kept under it."""
    total = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def once(make: Callable[P, T]) -> Callable[P, T]:
    """Let `make` run once for the same arguments, and in no other process at the same time.

    Tests run in several processes, which would each bring a tree that is not there yet.
    """

    @functools.cache
    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        with _alone():
            return make(*args, **kwargs)

    return made  # type: ignore[return-value] # functools.cache has no types for arguments


_depth = 0


@contextmanager
def _alone() -> Iterator[None]:
    """Hold build/'s lock, which a maker that calls another holds already."""
    global _depth  # noqa: PLW0603 - the lock belongs to the whole process
    BUILD.mkdir(exist_ok=True)
    with (BUILD / ".lock").open("a") as file:
        if not _depth:
            fcntl.flock(file, fcntl.LOCK_EX)
        _depth += 1
        try:
            yield
        finally:
            _depth -= 1
