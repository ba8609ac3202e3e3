"""The files and folders that kept Python code names by where it lies, or by a package.

Few sources have a word that this takes; only these are read closely.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from slimmer.cache.readings import NO_READINGS, Readings
from slimmer.ecosystems.folders import DroppedFolders
from slimmer.formats.python.folders import MARKS, Named, named
from slimmer.formats.python.imports import MAX_SOURCE_BYTES
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry
from slimmer.paths import join

# A pattern that begins with what it looks for is fast.
_MARKS = (
    *((mark, re.compile(re.escape(mark) + rb"(?<!\w" + re.escape(mark) + rb")")) for mark in MARKS),
    (b"__file__", re.compile(rb"__file__(?<![\w.]__file__)")),
)
_IN_MARKS = (b"__file__", b"files(", b"resource", b"get_data(", b"open_", b"PackageLoader(")
_TEST = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest|setup)\.py")  # nobody runs them here


class NamedFolders:
    """Reads the sources of one tree; ``roots`` are the folders that imports begin in."""

    def __init__(
        self,
        sources: Sequence[Entry],
        read: Callable[[str], bytes],
        roots: Sequence[str],
        readings: Readings = NO_READINGS,
    ) -> None:
        self._sources = [e for e in sources if not _TEST.fullmatch(e.path)]
        self._read = read
        self._roots = roots
        self._marks = readings.table("python-marks")
        self._is_marked: dict[str, bool] = {}
        self._named: dict[str, tuple[Named, ...]] = {}

    def read(self, path: str) -> bytes:
        """Return the bytes of a source, for another look too, and note whether it names any."""
        source = self._read(path)
        self._is_marked[path] = is_marked = any(mark in source for mark in _IN_MARKS) and any(
            mark in source and pattern.search(source) for mark, pattern in _MARKS
        )
        self._marks.learn(path, source, is_marked)
        return source

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the reference of each kept source to what it names and the rules would drop."""
        gone = DroppedFolders(verdicts)
        for entry in self._sources if gone else ():
            if verdicts[entry.path].kept and entry.size_bytes <= MAX_SOURCE_BYTES:
                for target in self._targets(entry.path, gone):
                    reference = gone.reference(entry.path, target, besides=self._roots)
                    if reference is not None:
                        yield reference

    def _targets(self, path: str, gone: DroppedFolders) -> Iterator[str]:
        """Yield the paths of the tree that a source may name."""
        folder = posixpath.dirname(path)
        for name in self._named_by(path, gone):
            if not name.package:
                yield posixpath.normpath(posixpath.join(folder, name.path))
            elif name.path or "." in name.package:
                inside = f"{name.package.replace('.', '/')}/{name.path}".rstrip("/")
                yield from (posixpath.normpath(join(root, inside)) for root in self._roots)

    def _named_by(self, path: str, gone: DroppedFolders) -> tuple[Named, ...]:
        """Return what a source names; nothing where that cannot be dropped."""
        if path not in self._named:
            source = None if self._knows(path) else self.read(path)
            if not self._is_marked[path]:
                return ()
            source = self._read(path) if source is None else source
            if not gone.may_be_named(path, source, self._roots):
                return ()  # another round may drop more
            self._named[path] = named(source)
        return self._named[path]

    def _knows(self, path: str) -> bool:
        """Return whether it is known without another look if a source names any."""
        if path not in self._is_marked and (known := self._marks.get(path)) is not None:
            self._is_marked[path] = bool(known)
        return path in self._is_marked
