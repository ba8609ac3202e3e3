"""The root of an image's file system in a folder, as a stage of a Dockerfile copies it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from slimmer.errors import InputError
from slimmer.inputs.folder import Folder, scan
from slimmer.inputs.layers import inside_root
from slimmer.inputs.walk import raw
from slimmer.model.attributes import PLAIN_FOLDER, SPECIAL_TYPES, Attributes
from slimmer.model.tree import Kind, Tree
from slimmer.text import printable

_CODES = {kind: code for code, kind in SPECIAL_TYPES.items()}


class RootFolder(Folder):
    """A folder in which an absolute link means the folder itself."""

    is_root = True

    def __init__(self, folder: Folder):
        self.__dict__.update(folder.__dict__)
        self._targets = {entry.path: entry.target for entry in folder.tree.links}
        self.tree = Tree(
            tuple(
                entry._replace(target=inside_root(entry.path, entry.target))
                if entry.kind is Kind.LINK
                else entry
                for entry in folder.tree.entries
            )
        )

    def attributes(self, path: str) -> Attributes:
        """Return the attributes of a path; those of a plain folder where it is not there."""
        place = os.fsencode(self.root) + b"/" + raw(path)
        try:
            info = os.lstat(place)
        except OSError:
            return PLAIN_FOLDER
        code = _CODES.get(stat.S_IFMT(info.st_mode), b"")
        return Attributes(
            mode=stat.S_IMODE(info.st_mode),
            owner=(info.st_uid, info.st_gid),
            xattrs=() if stat.S_ISLNK(info.st_mode) else _xattrs(place),
            target=self._targets.get(path, ""),
            code=code,
            device=(os.major(info.st_rdev), os.minor(info.st_rdev)) if code else (0, 0),
            number=(0, info.st_ino),
        )


def _xattrs(place: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return the extended attributes of a file, capabilities among them, where it has any."""
    try:
        names = sorted(os.listxattr(place, follow_symlinks=False))
        return tuple(
            (os.fsencode(name), os.getxattr(place, name, follow_symlinks=False)) for name in names
        )
    except (OSError, AttributeError):  # no such thing on this file system, or system
        return ()


def open_rootfs(path: Path) -> RootFolder:
    """Return a folder as the root of an image. Raises InputError where it is no folder."""
    if not path.is_dir():
        raise InputError(f"{printable(str(path))}: --rootfs is of a folder; remove it for others")
    return RootFolder(scan(path))
