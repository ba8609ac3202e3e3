"""The way in: a folder on disk becomes a Tree, and its files become bytes.

Nothing is ever followed out of the folder or written into it. What was seen at the scan is
remembered, so that a file that changes before or while it is read is found out.
"""

from __future__ import annotations

import operator
import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.model import Entry, Kind, Tree
from slimmer.names import printable

_FS_IS_UTF8 = sys.getfilesystemencoding() == "utf-8"


class _Stamp(NamedTuple):
    """What tells a file from another, or from itself after a change."""

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, info: os.stat_result) -> _Stamp:
        return cls(info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns)


class Folder:
    """A folder that was scanned: its tree, and the bytes of its files."""

    def __init__(self, root: Path, tree: Tree, stamps: dict[str, os.stat_result]):
        self.root = root
        self.tree = tree
        self._stamps = stamps
        self._prefix = os.fsencode(root) + b"/"

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the tree.

        Raises InputError when it may not be read, has vanished, or is no longer what the
        scan saw.
        """
        stamp = _Stamp.of(self._stamps[path])
        try:
            handle = os.open(self._prefix + _raw(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                before = _Stamp.of(os.fstat(handle))
                data = _read_all(handle, stamp.size_bytes) if before == stamp else b""
                after = _Stamp.of(os.fstat(handle))
            finally:
                os.close(handle)
        except PermissionError:
            raise InputError(
                f"{printable(path)}: no permission to read it; mend its mode, or leave it out "
                "with --drop"
            ) from None
        except OSError as error:
            raise _changed(path, _reason(error)) from None
        if before != stamp or after != stamp or len(data) != stamp.size_bytes:
            raise _changed(path, "its content is no longer what was scanned")
        return data


def _read_all(handle: int, size_bytes: int) -> bytes:
    """Read a file that should have ``size_bytes``, and one byte more to see that it has not."""
    chunks = []
    wanted = size_bytes + 1
    while wanted > 0:
        chunk = os.read(handle, min(wanted, 1 << 30))
        if not chunk:
            break
        chunks.append(chunk)
        wanted -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def scan(root: Path) -> Folder:
    """Return the folder ``root`` as it is now, in path order, links as links.

    Raises InputError when there is no such folder, when it is empty, or when a folder in
    it cannot be listed.
    """
    _check_root(root)
    entries: list[Entry] = []
    stamps: dict[str, os.stat_result] = {}
    folders = [""]
    base = os.fsencode(root)
    while folders:
        folder = folders.pop()
        try:
            _scan_folder(base, folder, folders, entries, stamps)
        except PermissionError:
            where = printable(folder or str(root))
            raise InputError(f"{where}: no permission to list this folder; mend its mode") from None
        except OSError as error:
            raise _changed(folder or str(root), _reason(error)) from None
    if not entries:
        raise InputError(f"{printable(str(root))}: the folder is empty; there is nothing to pack")
    entries.sort(key=operator.itemgetter(0))
    return Folder(root, Tree(tuple(entries)), stamps)


def _check_root(root: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)  # noqa: PTH116 - a Path hides why it failed
    except FileNotFoundError:
        what = "no such folder"
    except PermissionError:
        what = "no permission to reach it"
    except OSError as error:
        what = _reason(error)
    else:
        what = "" if is_folder else "not a folder"
    if what:
        raise InputError(f"{printable(str(root))}: {what}; name the folder to slim")


def _scan_folder(
    base: bytes,
    folder: str,
    folders: list[str],
    entries: list[Entry],
    stamps: dict[str, os.stat_result],
) -> None:
    """Add what one folder holds to ``entries`` and ``stamps``, and its folders to ``folders``.

    The folder is opened once and its files are looked up in it: on large trees the long
    paths would cost more than anything else here.
    """
    prefix = folder + "/" if folder else ""
    file, is_regular, executable = Kind.FILE, stat.S_ISREG, stat.S_IXUSR
    handle = os.open(base + b"/" + _raw(folder), os.O_RDONLY | os.O_DIRECTORY | _no_follow(folder))
    try:
        with os.scandir(handle) as found:
            for item in found:
                path = prefix + (item.name if _FS_IS_UTF8 else _utf8(item.name))
                if item.is_dir(follow_symlinks=False):
                    entries.append(Entry(path, Kind.DIRECTORY))
                    folders.append(path)
                    continue
                info = item.stat(follow_symlinks=False)
                mode = info.st_mode
                if is_regular(mode):
                    entries.append(Entry(path, file, info.st_size, mode & executable != 0))
                    stamps[path] = info
                elif stat.S_ISLNK(mode):
                    target = _utf8(os.readlink(item.name, dir_fd=handle))
                    entries.append(Entry(path, Kind.LINK, target=target))
                else:
                    entries.append(Entry(path, Kind.SPECIAL))
    finally:
        os.close(handle)


def _utf8(name: str) -> str:
    """Return a name that the system gave as UTF-8 reads it, whatever the locale says."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def _raw(path: str) -> bytes:
    """Return a path of a tree as the system has it."""
    return path.encode("utf-8", "surrogateescape")


def _no_follow(folder: str) -> int:
    """Return the flag that opens no link; only the tree itself may be named by one."""
    return os.O_NOFOLLOW if folder else 0


def _changed(path: str, reason: str) -> InputError:
    return InputError(
        f"{printable(path)}: changed while it was read ({reason}); "
        "run again when nothing writes to the tree"
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
