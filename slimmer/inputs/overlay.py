"""Several folders as one tree: laid over one another in order, where a later one wins.

Nothing is copied: each path is read from the folder that has it last. A path that is a folder in
one and something else in another is refused, since what lies below it could not be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.inputs.folder import Folder, scan
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.sizes import count_text
from slimmer.text import and_more, printable


class Meeting(NamedTuple):
    """A path that several folders have, which is no folder."""

    path: str
    #: The folder that wins, and the one before it.
    winner: str
    loser: str


class Overlay:
    """Folders that were scanned, as one tree; it reads as a Folder does."""

    def __init__(
        self,
        folders: Sequence[Folder],
        left_out: Mapping[str, int] = MappingProxyType({}),
        without: str = "",
    ) -> None:
        self.folders = tuple(folders)
        self._left_out, self._without = left_out, without
        self.meetings: list[Meeting] = []
        entries: dict[str, Entry] = {}
        self._places: dict[str, Folder] = {}
        for folder in folders:
            self._lay(folder, entries)
        self.tree = Tree(tuple(entries[path] for path in sorted(entries)))

    @property
    def root(self) -> Path:
        """The folder that was named first."""
        return self.folders[0].root

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError."""
        return self._places[path].read(path)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises InputError."""
        return self._places[path].read_part(path, start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        return self._places[path].mtime_ns(path)

    def findings(self) -> list[Finding]:
        """Return what there is to say of paths that several folders have. Raises InputError."""
        differ = [each.path for each in self.meetings if not self._is_alike(each)]
        alike = len(self.meetings) - len(differ)
        found = [
            finding(
                "left-out",
                f"{printable(root)}/{self._without}: {count_text(count, 'file')} left out, as what "
                "was installed for Lambda ships instead",
            )
            for root, count in self._left_out.items()
        ]
        if differ:
            winners = ", ".join(dict.fromkeys(printable(m.winner) for m in self.meetings))
            message = f"{and_more(differ)}: in more than one tree, and different; that in {winners}"
            found.append(finding("trees-meet", f"{message} ships, as the later one wins"))
        if alike:
            paths = [each.path for each in self.meetings if each.path not in set(differ)]
            message = f"{and_more(paths)}: in more than one tree, and the same"
            found.append(finding("trees-alike", message))
        return found

    def _is_alike(self, met: Meeting) -> bool:
        by_root: Mapping[str, Folder] = {str(each.root): each for each in self.folders}
        one, two = by_root[met.winner], by_root[met.loser]
        first, second = one.tree.by_path[met.path], two.tree.by_path[met.path]
        if first != second or first.kind is not Kind.FILE:
            return first == second
        return one.read(met.path) == two.read(met.path)

    def _lay(self, folder: Folder, entries: dict[str, Entry]) -> None:
        for entry in folder.tree.entries:
            before = entries.get(entry.path)
            is_folder = entry.kind is Kind.DIRECTORY
            if before is not None and is_folder != (before.kind is Kind.DIRECTORY):
                raise InputError(
                    f"{printable(entry.path)}: a folder in one tree and none in another; rename one"
                )
            if before is not None and not is_folder:
                other = self._places[entry.path]
                self.meetings.append(Meeting(entry.path, str(folder.root), str(other.root)))
            entries[entry.path] = entry
            self._places[entry.path] = folder


def scan_all(
    roots: Sequence[Path], installed: Sequence[Path] = (), *, without: str = ""
) -> Folder | Overlay:
    """Return one folder, or several laid over one another in order. Raises InputError.

    What was ``installed`` lies below all others, of which the folder ``without`` at their top stays
    out: it holds what a developer's machine has of the same.
    """
    folders = [scan(root) for root in (*installed, *roots)]
    if len(folders) == 1:
        return folders[0]
    left_out = {str(each.root): _leave_out(each, without) for each in folders[len(installed) :]}
    return Overlay(folders, {root: count for root, count in left_out.items() if count}, without)


def _leave_out(folder: Folder, name: str) -> int:
    """Take a folder at the top out of a tree, and return how many files and links it had."""
    entries = folder.tree.entries
    kept = tuple(e for e in entries if e.path != name and not e.path.startswith(f"{name}/"))
    gone = len(entries) - len(kept)
    if not name or not gone:
        return 0
    folders = sum(e.kind is Kind.DIRECTORY for e in entries) - sum(
        e.kind is Kind.DIRECTORY for e in kept
    )
    folder.tree = Tree(kept)
    return gone - folders
