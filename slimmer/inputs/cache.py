"""The cache of what tools make for a build, such as installed packages.

An entry appears whole or not at all; nothing else is written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from slimmer.errors import UsageError, reason_of
from slimmer.folders import remove
from slimmer.inputs.install_plan import REQUIREMENTS
from slimmer.text import printable


def cache_folder() -> Path:
    """Return the folder of the cache, which is made. Raises UsageError where it cannot be."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(home).expanduser() / "slim" / "installed"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{printable(str(folder))}: no place for a cache ({reason_of(error)}); name another "
            "with XDG_CACHE_HOME"
        ) from None
    return folder


@contextlib.contextmanager
def alone(cache: Path) -> Iterator[None]:
    """Have no other slim install meanwhile; some file systems have no such locks.

    The folder itself is locked: nothing is written for it, and nothing left.
    """
    import fcntl  # noqa: PLC0415 - not on Windows, where nothing is built

    handle = os.open(cache, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def half_done(cache: Path) -> Iterator[Path]:
    """Give a folder beside the entries; whatever happens, it and what lies beside it are gone."""
    into = Path(tempfile.mkdtemp(prefix="new-", dir=cache))
    try:
        yield into
    finally:
        with contextlib.suppress(OSError):
            remove(into)
        into.with_name(f"{into.name}.{REQUIREMENTS}").unlink(missing_ok=True)
