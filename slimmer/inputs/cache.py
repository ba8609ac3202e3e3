"""The cache of what tools make for a build, such as installed packages.

What is made appears in its entry whole or not at all; nothing else is written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from slimmer.errors import UsageError, reason_of
from slimmer.folders import cache_home, remove
from slimmer.inputs.install_plan import REQUIREMENTS
from slimmer.text import printable

#: In an entry: what was made.
TREE = "tree"

Tell = Callable[[str], object]


def cache_folder() -> Path:
    """Return the folder of the cache, which is made. Raises UsageError where it cannot be."""
    try:
        folder = cache_home() / "installed"
    except FileNotFoundError as error:
        raise UsageError(f"{error} for a cache; name a folder with XDG_CACHE_HOME") from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{printable(str(folder))}: no place for a cache ({reason_of(error)}); name another "
            "with XDG_CACHE_HOME"
        ) from None
    return folder


@contextlib.contextmanager
def alone(entry: Path, show: Tell) -> Iterator[None]:
    """Have no other slim make the same meanwhile.

    The folder of the entry itself is locked, and gone afterwards where nothing came of it.
    """
    handle = _locked(entry, show)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            entry.rmdir()
        os.close(handle)


def _locked(entry: Path, show: Tell) -> int:
    """Return a descriptor that locks an entry, which is made; some file systems have no locks."""
    import fcntl  # noqa: PLC0415 - not on Windows, where nothing is built

    while True:
        entry.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(entry, os.O_RDONLY)
            with contextlib.suppress(OSError):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    show("waiting for another slim, which makes the same")
                    fcntl.flock(handle, fcntl.LOCK_EX)
            if _is_same(handle, entry):  # else who had it before took it away
                return handle
            os.close(handle)


def _is_same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def half_done(entry: Path) -> Iterator[Path]:
    """Give a folder in an entry; whatever happens, it and what lies beside it are gone."""
    into = Path(tempfile.mkdtemp(prefix="new-", dir=entry))
    try:
        yield into
    finally:
        with contextlib.suppress(OSError):
            remove(into)
        into.with_name(f"{into.name}.{REQUIREMENTS}").unlink(missing_ok=True)
