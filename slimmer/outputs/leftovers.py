"""Temporary files and folders of slim, and those that a killed slim left behind.

Whoever makes one holds a lock on it (flock(2)), which the kernel takes back when the process
ends, however it ends. So what nobody holds is surely dead. Locks of another machine may not be
seen here; so the name says which machine made it, and only its own are cleared.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

try:
    import fcntl

    _HAS_LOCKS = True
except ImportError:  # Windows
    _HAS_LOCKS = False

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def make(folder: Path, start: str, end: str, create: Callable[[Path], int]) -> tuple[Path, int]:
    """Make a temporary file or folder; return its path, and the handle that holds its lock.

    Its name begins with ``start``. ``create`` makes it, and must fail where one stands; it
    returns an open handle. Raises OSError as ``create`` does.
    """
    while True:
        path = name_in(folder, start, end)
        handle = create(path)
        hold(handle)
        if _is_at(path, handle):  # else another took it for dead before it was held
            return path, handle
        os.close(handle)


def name_in(folder: Path, start: str, end: str) -> Path:
    """Return a path in a folder that nothing has yet."""
    return folder / f"{start}{_machine()}-{os.urandom(6).hex()}{end}"


def hold(handle: int) -> None:
    """Hold the lock of an open file until it is closed; some file systems have none."""
    if _HAS_LOCKS:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)


def clear(folder: Path, start: str, end: str, remove: Callable[[Path], None]) -> None:
    """Remove what a slim that was killed has left in a folder: what is named so and held by none.

    What cannot be removed stays, and everything where the system has no such locks.
    """
    for path in _named(folder, f"{start}{_machine()}-", end) if _HAS_LOCKS else ():
        with contextlib.suppress(OSError), _held(path):
            remove(path)


def _named(folder: Path, start: str, end: str) -> Iterator[Path]:
    """Yield this user's own files and folders that are named so."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - only names
    except OSError:
        return
    for name in names:
        if name.startswith(start) and name.endswith(end):
            with contextlib.suppress(OSError):
                info = (folder / name).lstat()
                is_ours = info.st_uid == os.geteuid()
                if is_ours and (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
                    yield folder / name


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the lock of what is at a path. Raises OSError where another process has it."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(path, handle):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        yield
    finally:
        os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


@cache
def _machine() -> str:
    """Return what tells this machine, since it was started, from others."""
    import hashlib  # noqa: PLC0415 - for what makes files, and only there
    import platform  # noqa: PLC0415

    try:
        boot = _BOOT.read_text("ascii")
    except OSError:
        boot = platform.node()
    return hashlib.sha256(boot.encode()).hexdigest()[:8]
