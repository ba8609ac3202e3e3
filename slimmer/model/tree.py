"""The picture of a folder: entries, links and all, in the order of their paths."""

from __future__ import annotations

import bisect
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from slimmer.paths import name_of, parents


class Kind(enum.Enum):
    """What an entry is, links and all, as ``lstat`` sees it."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    SPECIAL = "special"  # socket, device or fifo: nothing that a zip can hold


class Entry(NamedTuple):
    """One name in a tree.

    ``path`` is relative to the tree, with ``/`` between its parts; bytes that are not
    UTF-8 are in it as surrogates. ``size_bytes`` is 0 for all but files. ``executable``
    is the owner's bit only, so that no umask can change it. ``target`` is what a link
    says, as it says it.
    """

    path: str
    kind: Kind
    size_bytes: int = 0
    executable: bool = False
    target: str = ""


@dataclass(frozen=True)
class Tree:
    """An immutable picture of a folder: its entries in the order of their paths."""

    entries: tuple[Entry, ...]

    @cached_property
    def by_path(self) -> dict[str, Entry]:
        """The entries by their path."""
        return {entry.path: entry for entry in self.entries}

    def below(self, folder: str) -> Iterator[Entry]:
        """Yield ``folder`` itself and everything in it, in path order."""
        if folder in self.by_path:
            yield self.by_path[folder]
        prefix = folder + "/"
        for place in range(bisect.bisect_left(self._paths, prefix), len(self.entries)):
            if not self._paths[place].startswith(prefix):
                break
            yield self.entries[place]

    @cached_property
    def links(self) -> tuple[Entry, ...]:
        """The entries that are links, in path order."""
        link = Kind.LINK
        return tuple(entry for entry in self.entries if entry[1] is link)

    def ending_in(self, *ends: str) -> list[Entry]:
        """Return the files whose paths end in one of ``ends``, in path order."""
        keys = {end.rpartition(".")[2] for end in ends}
        if any("." not in name_of(end) for end in ends):
            found = list(self.entries)
        elif len(keys) == 1:
            found = self._by_end.get(keys.pop(), [])
        else:
            found = [entry for key in keys for entry in self._by_end.get(key, ())]
            found.sort(key=lambda entry: entry.path)
        return [e for e in found if e[0].endswith(ends) and e.kind is Kind.FILE]

    @cached_property
    def _by_end(self) -> dict[str, list[Entry]]:
        """The entries by what follows the last dot, as several guards ask for their own."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry[0].rpartition(".")[2], []).append(entry)
        return found

    @cached_property
    def _paths(self) -> list[str]:
        return [entry.path for entry in self.entries]


def tree_of(names: Iterable[tuple[str, Kind]]) -> Tree:
    """Return the tree that the names of a zip make, with the folders that they imply."""
    return with_folders(Entry(name, kind) for name, kind in names)


def with_folders(entries: Iterable[Entry]) -> Tree:
    """Return the tree of these entries and of the folders that they lie in."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.path] = entry
        for folder in parents(entry.path):
            if folder in found:
                break
            found[folder] = Entry(folder, Kind.DIRECTORY)
    return Tree(tuple(found[path] for path in sorted(found)))
