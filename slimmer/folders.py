"""Folders of any depth, walked and removed without recursion."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path


def cache_home() -> Path:
    """Return the folder of all that slim keeps for later runs (XDG Base Directory 0.8).

    Raises FileNotFoundError where the user has no home.
    """
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(home).expanduser() / "slim"
    except RuntimeError:
        raise FileNotFoundError("no home folder") from None


def files_in(top: Path) -> Iterator[Path]:
    """Yield the files in a folder at any depth, links among them, folders that links name not.

    Raises OSError.
    """
    waiting = [top]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                else:
                    yield Path(entry.path)


def remove(top: Path) -> None:
    """Remove a folder with all that is in it. Raises OSError.

    Folders are brought to the top before they are emptied, so that neither a path nor the stack
    grows with their depth. Those that are closed even to their owner are opened; no link is
    followed.
    """
    mark = secrets.token_hex(6)
    number = 0
    while inner := _emptied(top):
        for folder in inner:
            for below in _emptied(folder):
                number += 1
                below.rename(top / f"{mark}-{number}")
            folder.rmdir()
    top.rmdir()


def _emptied(folder: Path) -> list[Path]:
    """Remove all but the folders in a folder, and return these, opened to their owner."""
    with os.scandir(folder) as found:
        entries = [(Path(entry.path), entry.is_dir(follow_symlinks=False)) for entry in found]
    for path, is_folder in entries:
        if is_folder:
            path.chmod(stat.S_IRWXU)
        else:
            path.unlink()
    return [path for path, is_folder in entries if is_folder]
