"""The cache in a folder of this machine: an entry is a file, and the oldest go first."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from slimmer.folders import cache_home
from slimmer.text import printable

DEFAULT_BOUND_BYTES = 2_000_000_000
_BOUND, _USED = "bound", "used"  # files at the top: bytes as a number
_ROOM = 0.9  # of the bound is left when something had to go, so that not every build looks
_FOLDER = re.compile(r"[0-9a-f]{2}")
_ENTRY = re.compile(r"[0-9a-f]{62}")
_HALF_DONE = re.compile(r"\.[0-9a-f]{16}")
_HALF_DONE_S = 3600  # after which nobody still writes it
_DAY_S = 86_400


class _Found(NamedTuple):
    time_s: float
    size_bytes: int
    path: str


class FolderPlace:
    """A folder with entries. Every trouble is an OSError."""

    is_near = True

    def __init__(self, folder: Path):
        self.folder = folder
        self.title = printable(str(folder))

    def get(self, name: str) -> bytes | None:
        """Return the bytes of an entry, None where there is none."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        if time.time() - path.stat().st_mtime > _DAY_S:
            with contextlib.suppress(OSError):
                os.utime(path)
        return data

    def put(self, name: str, data: bytes) -> None:
        """Keep the bytes of an entry; they appear whole or not at all."""
        self._write(self._path(name), data)

    def settle(self, added_bytes: int) -> None:
        """Remove the entries that were not used for longest, where all are more than the bound."""
        bound = self.bound_bytes()
        used = self._number(_USED)
        used_bytes = self.used()[1] if used is None else used + added_bytes
        if used_bytes > bound:
            used_bytes = self._trim(int(bound * _ROOM))
        self._write(self.folder / _USED, str(used_bytes).encode())

    def bound_bytes(self) -> int:
        """Return how much all entries may take."""
        bound = self._number(_BOUND)
        return DEFAULT_BOUND_BYTES if bound is None else bound

    def set_bound(self, bound_bytes: int) -> None:
        """Set how much all entries may take, and remove what is too much."""
        self._write(self.folder / _BOUND, str(bound_bytes).encode())
        self._trim(bound_bytes)

    def used(self) -> tuple[int, int]:
        """Return how many entries there are, and their bytes."""
        sizes = [found.size_bytes for found in self._entries()]
        return len(sizes), sum(sizes)

    def clear(self) -> tuple[int, int]:
        """Remove all entries; return how many, and their bytes."""
        gone = self.used()
        self._trim(0)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / _USED).unlink()
        return gone

    def _trim(self, most_bytes: int) -> int:
        """Remove the oldest entries until all take at most so much; return what they take."""
        found = sorted(self._entries())
        left_bytes = sum(each.size_bytes for each in found)
        for each in found:
            if left_bytes <= most_bytes:
                break
            with contextlib.suppress(FileNotFoundError):  # another slim was faster
                Path(each.path).unlink()
            left_bytes -= each.size_bytes
        return left_bytes

    def _entries(self) -> Iterator[_Found]:
        """Yield the entries; what was left half done long ago is removed."""
        for folder in self._scan(self.folder):
            if not _FOLDER.fullmatch(folder.name) or not folder.is_dir(follow_symlinks=False):
                continue
            for entry in self._scan(Path(folder.path)):
                with contextlib.suppress(FileNotFoundError):
                    info = entry.stat(follow_symlinks=False)
                    if _ENTRY.fullmatch(entry.name):
                        yield _Found(info.st_mtime, info.st_size, entry.path)
                    elif _is_left(entry.name, info.st_mtime):
                        Path(entry.path).unlink()

    def _scan(self, folder: Path) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []

    def _number(self, name: str) -> int | None:
        try:
            text = (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        return int(text) if re.fullmatch(rb"[0-9]{1,18}", text) else None

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = path.with_name(f".{secrets.token_hex(8)}")
        try:
            half.write_bytes(data)
            half.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)
            raise


def _is_left(name: str, time_s: float) -> bool:
    """Return whether somebody began to write an entry, and never ended."""
    return bool(_HALF_DONE.fullmatch(name)) and time.time() - time_s > _HALF_DONE_S


def default_folder() -> Path:
    """Return the folder of the cache where nobody names one. Raises OSError without a home."""
    try:
        return cache_home() / "results"
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error}; name a place with --cache") from None
