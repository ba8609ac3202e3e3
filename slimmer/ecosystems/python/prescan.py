"""The cheap look at Python sources: which may ask for something dropped, and are worth reading.

Whoever loads a dropped module writes its name, and the name of a folder around it, unless it lies
in that folder itself or imports begin there. Few sources write both where a name can be asked for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

from slimmer.cache.readings import NO_READINGS, Readings
from slimmer.formats.python.imports import MAX_SOURCE_BYTES, asking_words, words
from slimmer.model.tree import Entry

ANYWHERE = b""  # in place of a folder's name: an import can begin there, and need not say it
Names: TypeAlias = Mapping[bytes, Collection[bytes]]

_KIND = "python-asks"  # of what former builds found
_MOST_SEARCHED = 16  # words; for more of them a search for each costs more than it spares


class Prescan:
    """Knows the words of sources; reads each source once.

    ``said`` are the words that count wherever they stand in a source.
    """

    def __init__(
        self,
        read: Callable[[str], bytes],
        said: Collection[bytes],
        readings: Readings = NO_READINGS,
    ) -> None:
        self._read = read
        self._said = said
        self._readings = readings
        self._before = NO_READINGS.table(_KIND)
        self._digests: dict[str, str] = {}
        self._names: Names = {}
        self._searched: tuple[bytes, ...] = ()
        self._told: dict[str, set[bytes]] = {}

    def look_for(self, names: Names) -> None:
        """Take the words to look for; with each, the names of folders of which one must be told."""
        self._names = names
        if self._readings.is_on:
            self._before = self._readings.table(_KIND, _digest_of(names, self._said))
        if not _covers(self._searched, names):
            self._searched = _cover(names)
            self._told = {}

    def may_ask(self, entry: Entry) -> bool:
        """Tell whether a source may ask for something dropped; one too large to read may."""
        if entry.size_bytes > MAX_SOURCE_BYTES:
            return True
        known = self._before.get(entry.path)
        if known is None:
            known = self._asks(entry.path)
            if self._readings.is_on:
                self._before.put(entry.path, self._digests[entry.path], known)
        return bool(known)

    def _asks(self, path: str) -> bool:
        if path not in self._told:
            self._told[path] = self._told_by(path)
        told = self._told[path]
        common = told & self._names.keys()
        return any(
            ANYWHERE in self._names[n] or not told.isdisjoint(self._names[n]) for n in common
        )

    def _told_by(self, path: str) -> set[bytes]:
        """Return the words of a source and its path; none, if what all need is in neither."""
        source, where = self._read(path), path_bytes(path)
        if self._readings.is_on:
            self._digests[path] = hashlib.sha256(source).hexdigest()
        searched = self._searched
        if searched and not any(word in source or word in where for word in searched):
            return set()
        said = (word for word in self._said if word in source)
        return asking_words(source).union(words(where), said)


def _digest_of(names: Names, said: Collection[bytes]) -> str:
    """Return a digest of the words that are looked for."""
    words = [(name, sorted(folders)) for name, folders in sorted(names.items())]
    return hashlib.sha256(repr((words, sorted(said))).encode()).hexdigest()


def path_bytes(path: str) -> bytes:
    """Return a path, or a part of one, as a source would write it."""
    return path.encode("utf-8", "surrogateescape")


def word_of(name: str) -> bytes:
    """Return the word of a file's or folder's name to look for: the whole of it, but for signs."""
    return next(iter(words(path_bytes(name))), ANYWHERE)


def _covers(searched: Collection[bytes], names: Names) -> bool:
    """Tell whether no source without any of these words can tell enough."""
    return bool(searched) and all(
        name in searched or all(folder in searched for folder in folders)
        for name, folders in names.items()
    )


def _cover(names: Names) -> tuple[bytes, ...]:
    """Return a few words of which each source that asks tells one; none, if few do not do."""
    found: list[bytes] = []
    pairs = [(name, folder) for name, folders in names.items() for folder in folders]
    while pairs and len(found) < _MOST_SEARCHED:
        count = Counter(word for pair in pairs for word in pair if word)
        most = max(count, key=lambda word: (count[word], word))
        found.append(most)
        pairs = [pair for pair in pairs if most not in pair]
    return () if pairs else tuple(found)
