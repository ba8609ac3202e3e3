"""The files and folders that kept Python code names by where it lies, or by a package.

Few sources have a word that this takes; only these are read closely.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from slimmer.ecosystems.folders import DroppedFolders
from slimmer.formats.python.folders import MARKS, Named, named
from slimmer.formats.python.imports import MAX_SOURCE_BYTES
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry
from slimmer.paths import join

_MARK = re.compile(rb"(?<![\w.])__file__|(?<!\w)(?:" + b"|".join(map(re.escape, MARKS)) + rb")")
_TEST = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest|setup)\.py")  # nobody runs them here


class NamedFolders:
    """Reads the sources of one tree, each once; ``roots`` are the folders that imports begin in."""

    def __init__(
        self, sources: Sequence[Entry], read: Callable[[str], bytes], roots: Sequence[str]
    ) -> None:
        self._sources = [e for e in sources if not _TEST.fullmatch(e.path)]
        self._read = read
        self._roots = roots
        self._named: dict[str, tuple[Named, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the reference of each kept source to what it names and the rules would drop."""
        gone = DroppedFolders(verdicts)
        for entry in self._sources if gone else ():
            if verdicts[entry.path].kept:
                for target in self._targets(entry):
                    reference = gone.reference(entry.path, target, besides=self._roots)
                    if reference is not None:
                        yield reference

    def _targets(self, entry: Entry) -> Iterator[str]:
        """Yield the paths of the tree that a source may name."""
        path = entry.path
        if path not in self._named:
            source = self._read(path) if entry.size_bytes <= MAX_SOURCE_BYTES else b""
            self._named[path] = named(source) if _MARK.search(source) else ()
        folder = posixpath.dirname(path)
        for name in self._named[path]:
            if not name.package:
                yield posixpath.normpath(posixpath.join(folder, name.path))
            elif name.path or "." in name.package:
                inside = f"{name.package.replace('.', '/')}/{name.path}".rstrip("/")
                yield from (posixpath.normpath(join(root, inside)) for root in self._roots)
