"""Small trees for tests, as values and on a disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from slimmer.errors import InputError
from slimmer.model.tree import Entry, Kind, Tree


def tree_of(entries: Iterable[Entry | str]) -> Tree:
    """Return a tree of these entries (a path is a file of 1 byte), folders added."""
    found: dict[str, Entry] = {}
    for entry in entries:
        entry = Entry(entry, Kind.FILE, 1) if isinstance(entry, str) else entry
        found[entry.path] = entry
        folder = entry.path.rpartition("/")[0]
        while folder:
            found[folder] = Entry(folder, Kind.DIRECTORY)
            folder = folder.rpartition("/")[0]
    return Tree(tuple(found[path] for path in sorted(found)))


class MemorySource:
    """A tree whose files are bytes in memory."""

    def __init__(self, files: Mapping[str, bytes], links: Mapping[str, str] | None = None):
        self.files = dict(files)
        self.mtimes_s: dict[str, int] = {}
        entries = [Entry(path, Kind.FILE, len(data)) for path, data in files.items()]
        entries += [Entry(path, Kind.LINK, target=to) for path, to in (links or {}).items()]
        self.tree = tree_of(entries)

    def mtime_ns(self, path: str) -> int:
        return self.mtimes_s.get(path, 0) * 1_000_000_000

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise InputError(f"{path}: not there")
        return self.files[path]

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        return self.read(path)[start : start + size_bytes]


def write_tree(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write files below a folder and return it."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
