"""The way in: a folder on disk becomes a Tree, and its files become bytes.

Nothing is ever followed out of the folder or written into it. What was seen at the scan is
remembered, so that a file that changes before or while it is read is found out.
"""

from __future__ import annotations

import operator
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from slimmer.errors import InputError, reason_of
from slimmer.inputs.system import NO_LINK, READ, read_at
from slimmer.inputs.walk import Listing, Stamp, raw, walk
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.text import printable

_SETTLED_NS = 3_000_000_000  # longer than the steps of any file system's clock
_OTHER_CONTENT = "its content is no longer what was scanned"


class Folder:
    """A folder that was scanned: its tree, and the bytes of its files."""

    #: Whether it is the root of an image's file system.
    is_root = False

    def __init__(self, root: Path, listing: Listing):
        self.root = root
        self.tree = _tree(listing)
        self._stamps = {file[0]: file for file in listing.files}
        self._prefix = os.fsencode(root) + b"/"

    def mtime_ns(self, path: str) -> int:
        """Return when a file of the tree was last changed, in nanoseconds since 1970."""
        return Stamp(*self._stamps[path][2:]).mtime_ns

    def identity(self, path: str) -> tuple[int, ...] | None:
        """Return what the system changes with a file's bytes: its place, size and times.

        None where the file is no longer what the scan saw, or was changed so lately that a further
        change might leave the same times.
        """
        try:
            info = os.lstat(self._prefix + raw(path))
        except OSError:
            return None
        changed_ns = max(info.st_mtime_ns, info.st_ctime_ns)
        if Stamp.of(info) != self._stamps[path][2:] or time.time_ns() - changed_ns < _SETTLED_NS:
            return None
        return (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the tree.

        Raises InputError when it may not be read, has vanished, or is no longer what the
        scan saw.
        """
        size_bytes = Stamp(*self._stamps[path][2:]).size_bytes
        data = self._reading(path, lambda handle: _read_all(handle, size_bytes))
        if len(data) != size_bytes:
            raise _changed(path, _OTHER_CONTENT)
        return data

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most ``size_bytes`` of a file of the tree, from an offset on.

        Less comes back only where the file ends. Raises as ``read`` does.
        """
        return self._reading(path, lambda handle: read_at(handle, size_bytes, start))

    def _reading(self, path: str, use: Callable[[int], bytes]) -> bytes:
        """Return what ``use`` reads of an open file that is still what the scan saw."""
        stamp = Stamp(*self._stamps[path][2:])
        try:
            handle = os.open(self._prefix + raw(path), READ | NO_LINK)
            try:
                before = Stamp.of(os.fstat(handle))
                data = use(handle) if before == stamp else b""
                after = Stamp.of(os.fstat(handle))
            finally:
                os.close(handle)
        except PermissionError:
            raise InputError(
                f"{printable(path)}: no permission to read it; change its mode, or drop it "
                "with --drop"
            ) from None
        except OSError as error:
            raise _changed(path, reason_of(error)) from None
        if before != stamp or after != stamp:
            raise _changed(path, _OTHER_CONTENT)
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
    folder = Folder(root, walk(os.fsencode(root), str(root)))
    if not folder.tree.entries:
        raise InputError(f"{printable(str(root))}: the folder is empty; there is nothing to pack")
    return folder


def _tree(listing: Listing) -> Tree:
    file, folder = Kind.FILE, Kind.DIRECTORY
    entries = [Entry(path, file, size, may_run) for path, may_run, size, *_ in listing.files]
    entries += [Entry(path, folder) for path in listing.folders]
    entries += [Entry(path, Kind.LINK, target=target) for path, target in listing.links]
    entries += [Entry(path, Kind.SPECIAL) for path in listing.specials]
    entries.sort(key=operator.itemgetter(0))
    return Tree(tuple(entries))


def _check_root(root: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)  # noqa: PTH116 - a Path hides why it failed
    except FileNotFoundError:
        what = "no such folder"
    except PermissionError:
        what = "no permission to reach it"
    except OSError as error:
        what = reason_of(error)
    else:
        what = "" if is_folder else "not a folder"
    if what:
        raise InputError(f"{printable(str(root))}: {what}; name the folder to slim")


def _changed(path: str, reason: str) -> InputError:
    return InputError(
        f"{printable(path)}: changed while it was read ({reason}); "
        "run again when nothing writes to the tree"
    )
