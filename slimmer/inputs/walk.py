"""The walk over a folder: every name in it with what ``lstat`` says, as plain tuples.

Half of the time that a large tree takes is spent in the kernel, looking up one file after
the other. So where many folders are waiting and there is a second core, a forked child
takes half of them; what it finds comes back through a pipe.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from slimmer.errors import InputError, reason_of
from slimmer.parallel import forked, may_fork
from slimmer.text import printable

WORTH_SHARING = 200  # folders that must be waiting before a child is forked to take half

_FOLDERS_AT_ONCE = 16  # that the child lists before it looks whether its parent is alive

_OPENS_FOLDERS = hasattr(os, "O_DIRECTORY")
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
    if not waiting or not may_fork():
        _walk(layer, name, waiting, listing)
        return listing
    half = waiting[::2]

    def walk_half(is_wanted: Callable[[], bool]) -> tuple[list[Any], ...]:
        folders, found = list(half), Listing.empty()
        while folders and is_wanted():
            _walk(layer, name, folders, found, most=_FOLDERS_AT_ONCE)
        return tuple(found)

    with forked(walk_half) as child:
        _walk(layer, name, waiting[1::2], listing)
        theirs = child.result()
    if isinstance(theirs, tuple):
        listing.extend(Listing(*theirs))
    else:  # it could not; whatever the reason, it shows again here
        _walk(layer, name, half, listing)
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
    if not _OPENS_FOLDERS:
        _list_by_path(layer, folder, waiting, listing)
        return
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


def _list_by_path(layer: bytes, folder: str, waiting: list[str], listing: Listing) -> None:
    """Do what ``_list`` does where a system opens no folders: Windows."""
    prefix = folder + "/" if folder else ""
    with os.scandir(os.fsdecode(layer + b"/" + raw(folder))) as found:
        for item in found:
            path = prefix + utf8(item.name)
            info = os.lstat(item.path)  # scandir's own has no inode on Windows
            if stat.S_ISDIR(info.st_mode):
                waiting.append(path)
                listing.folders.append(path)
            elif stat.S_ISREG(info.st_mode):
                stamp = Stamp.of(info)
                listing.files.append((path, info.st_mode & 0o100 != 0, *stamp))
            elif stat.S_ISLNK(info.st_mode):
                target = str(Path(item.path).readlink())
                listing.links.append((path, utf8(target).replace(os.sep, "/")))
            else:
                listing.specials.append(path)


def utf8(name: str) -> str:
    """Return a name that the system gave as UTF-8 reads it, whatever the locale says."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def raw(path: str) -> bytes:
    """Return a path of a tree as the system has it."""
    return path.encode("utf-8", "surrogateescape")
