"""The walk over a folder: every name in it with what ``lstat`` says, as plain tuples.

Half of the time that a large tree takes is spent in the kernel, looking up one file after
the other. So where many folders are waiting and there is a second core, a forked child
takes half of them; what it finds comes back through a pipe.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from typing import NamedTuple

from slimmer.errors import InputError, reason_of
from slimmer.parallel import available_cores
from slimmer.text import printable

WORTH_SHARING = 200  # folders that must be waiting before a child is forked to take half

_FOLDERS_AT_ONCE = 16  # that the child lists before it looks whether its parent is alive

_FS_IS_UTF8 = sys.getfilesystemencoding() == "utf-8"


class Stamp(NamedTuple):
    """What tells a file from another, or from itself after a change."""

    size_bytes: int
    inode: int
    mtime_ns: int

    @classmethod
    def of(cls, info: os.stat_result) -> Stamp:
        """Return the stamp of what ``stat`` said."""
        return cls(info.st_size, info.st_ino, info.st_mtime_ns)


class Listing(NamedTuple):
    """What was found, each kind for itself; only lists of plain values, fit for a pipe.

    A file is its path, whether its owner may execute it, and the fields of its Stamp.
    """

    files: list[tuple[str, bool, int, int, int]]
    folders: list[str]
    links: list[tuple[str, str]]
    specials: list[str]

    @classmethod
    def empty(cls) -> Listing:
        """Return a listing to be filled."""
        return cls([], [], [], [])

    def extend(self, other: Listing) -> None:
        """Add what another listing holds."""
        self.files.extend(other.files)
        self.folders.extend(other.folders)
        self.links.extend(other.links)
        self.specials.extend(other.specials)


def walk(layer: bytes, name: str) -> Listing:
    """Return all that is below ``base``, which is called ``name`` where it has to be named.

    Paths are relative, read as UTF-8 whatever the locale says, odd bytes as surrogates. No
    link is followed but ``base`` itself. Raises InputError when a folder cannot be listed.
    """
    listing, waiting = Listing.empty(), [""]
    _walk(layer, name, waiting, listing, until=WORTH_SHARING)
    if not waiting or available_cores() < 2 or threading.active_count() > 1:
        _walk(layer, name, waiting, listing)
        return listing
    half = waiting[::2]
    with _child(layer, name, half) as child:
        _walk(layer, name, waiting[1::2], listing)
        theirs = child.result()
        if theirs is None:  # it could not; whatever the reason, it shows again here
            theirs = Listing.empty()
            _walk(layer, name, half, theirs)
    listing.extend(theirs)
    return listing


def _walk(
    layer: bytes,
    name: str,
    waiting: list[str],
    listing: Listing,
    *,
    until: int = sys.maxsize,
    most: int = sys.maxsize,
) -> None:
    """List folders until none is waiting, until so many are, or until ``most`` are listed."""
    while waiting and len(waiting) < until and most > 0:
        most -= 1
        folder = waiting.pop()
        try:
            _list(layer, folder, waiting, listing)
        except PermissionError:
            where = printable(folder or name)
            raise InputError(
                f"{where}: no permission to list this folder; change its mode"
            ) from None
        except OSError as error:
            reason = reason_of(error)
            raise InputError(
                f"{printable(folder or name)}: changed while it was read ({reason}); "
                "run again when nothing writes to the tree"
            ) from None


def _list(layer: bytes, folder: str, waiting: list[str], listing: Listing) -> None:
    """Add what one folder holds to ``listing``, and its folders to ``waiting``.

    The folder is opened once and its files are looked up in it: on large trees the long
    paths would cost more than anything else here.
    """
    prefix = folder + "/" if folder else ""
    files = listing.files
    only_the_tree_by_a_link = os.O_NOFOLLOW if folder else 0
    flags = os.O_RDONLY | os.O_DIRECTORY | only_the_tree_by_a_link
    handle = os.open(layer + b"/" + raw(folder), flags)
    try:
        with os.scandir(handle) as found:
            for item in found:
                path = prefix + (item.name if _FS_IS_UTF8 else utf8(item.name))
                if item.is_dir(follow_symlinks=False):
                    waiting.append(path)
                    listing.folders.append(path)
                    continue
                info = item.stat(follow_symlinks=False)
                mode = info.st_mode
                if stat.S_ISREG(mode):
                    may_run = mode & 0o100 != 0
                    files.append((path, may_run, info.st_size, info.st_ino, info.st_mtime_ns))
                elif stat.S_ISLNK(mode):
                    listing.links.append((path, utf8(os.readlink(item.name, dir_fd=handle))))
                else:
                    listing.specials.append(path)
    finally:
        os.close(handle)


def utf8(name: str) -> str:
    """Return a name that the system gave as UTF-8 reads it, whatever the locale says."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def raw(path: str) -> bytes:
    """Return a path of a tree as the system has it."""
    return path.encode("utf-8", "surrogateescape")


class _Child:
    """A forked process that walks some folders and writes what it found into a pipe."""

    def __init__(self, pid: int, pipe: int):
        self._pid = pid
        self._pipe = pipe

    def result(self) -> Listing | None:
        """Return what the child found, or None if it did not come to an end."""
        with os.fdopen(os.dup(self._pipe), "rb") as stream:
            data = stream.read()
        try:
            return Listing(*marshal.loads(data))  # noqa: S302 - written by our own child
        except (EOFError, ValueError, TypeError):
            return None

    def end(self) -> None:
        """See that nothing of the child is left."""
        os.close(self._pipe)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


@contextlib.contextmanager
def _child(layer: bytes, name: str, folders: list[str]) -> Iterator[_Child]:
    """Fork a child that walks ``folders``; it is gone when the block is left."""
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _keep_only(writing)
            listing = Listing.empty()
            while folders and os.getppid() == parent:
                _walk(layer, name, folders, listing, most=_FOLDERS_AT_ONCE)
            with os.fdopen(writing, "wb") as stream:
                stream.write(marshal.dumps(tuple(listing)))
        finally:
            os._exit(0)
    os.close(writing)
    child = _Child(pid, reading)
    try:
        yield child
    finally:
        child.end()


def _keep_only(handle: int) -> None:
    """Close all but one handle: who waits for the end of a stream waits for the parent alone.

    Once the parent is gone nothing else reads the pipe, and writing into it ends the child.
    """
    os.closerange(0, handle)
    os.closerange(handle + 1, os.sysconf("SC_OPEN_MAX"))
