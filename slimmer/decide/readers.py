"""The guard of readers: where a program ships that reads them, files that others miss nothing of.

Who reads what is data: the ``[[reader]]`` tables of packs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from slimmer.decide.ownership import OwnedTree
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import join, name_of
from slimmer.rules.packs import Pack, Reader
from slimmer.rules.patterns import compile_pattern

_MAX_TEXT_BYTES = 1024 * 1024  # of a file that must hold a word; a JRE's release has some 100


class ReadersGuard:
    """Knows the readers that one tree has."""

    def __init__(
        self, owned: OwnedTree, packs: Sequence[Pack], read: Callable[[str], bytes]
    ) -> None:
        self._tree = owned.tree
        self._owners = owned.owners
        self._read = read
        self._named = _named(owned.tree, packs)
        self._found = [
            (reader, path, owned.roots[pack.name])
            for pack in packs
            for reader in pack.readers
            for path in self._places(reader, owned.roots[pack.name])
        ]
        self._own = [
            (reader, owned.roots[pack.name])
            for pack in packs
            for reader in pack.readers
            if reader.own and owned.roots[pack.name]
        ]
        self._known: dict[Reader, tuple[str, ...]] = {}
        self._asking: dict[Reader, tuple[str, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what the readers that are kept read, and the rules would drop."""
        for reader, path, roots in self._found:
            if verdicts[path].kept and (members := self._dropped(reader, roots, verdicts)):
                yield _reference(reader, path, members)
        for reader, roots in self._own:
            asking = next((path for path in self._own_of(reader) if verdicts[path].kept), "")
            if asking and (members := self._dropped(reader, roots, verdicts)):
                yield _reference(reader, asking, members)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what a pack says of readers is whole."""
        yield from ()

    def _places(self, reader: Reader, roots: Sequence[str]) -> Iterator[str]:
        """Yield the files of the tree by which a reader is known."""
        for root in roots:
            for entry in self._kept(reader, root):
                if self._holds(reader, entry):
                    yield entry.path

    def _kept(self, reader: Reader, root: str) -> Iterator[Entry]:
        """Yield the files below a root that the paths of a reader mean."""
        for kept in reader.kept:
            plain = kept.removeprefix("**/")
            if plain != kept:
                named = self._named[name_of(plain)]
                ending = (each for each in named if f"/{each.path}".endswith(f"/{plain}"))
                yield from (each for each in ending if each.path.startswith(join(root, "")))
            elif (entry := self._tree.by_path.get(join(root, kept))) and entry.kind is Kind.FILE:
                yield entry

    def _own_of(self, reader: Reader) -> tuple[str, ...]:
        """Return the user's own files that are a reader; they are read once."""
        if reader not in self._asking:
            own = (e for e in self._tree.ending_in(*reader.own) if self._owners[e.path] == OWN)
            self._asking[reader] = tuple(e.path for e in own if self._holds(reader, e))
        return self._asking[reader]

    def _holds(self, reader: Reader, entry: Entry) -> bool:
        """Return whether a file has one of the words that a reader must have."""
        if not reader.holds:
            return True
        text = self._read(entry.path) if entry.size_bytes <= _MAX_TEXT_BYTES else b""
        return any(word.encode() in text for word in reader.holds)

    def _dropped(
        self, reader: Reader, roots: Sequence[str], verdicts: Mapping[str, Verdict]
    ) -> tuple[str, ...]:
        """Return what a reader reads and rules drop."""
        return tuple(m for m in self._reads(reader, roots) if _comes_back(verdicts[m]))

    def _reads(self, reader: Reader, roots: Sequence[str]) -> tuple[str, ...]:
        """Return the files that a reader reads, at whatever root; they are looked for once."""
        if reader not in self._known:
            matches = [compile_pattern(pattern).match for pattern in reader.keeps]
            found = dict[str, None]()
            for root in roots:
                start = len(join(root, ""))
                for entry in self._tree.below(root) if root else self._tree.entries:
                    inside = entry.path[start:]
                    is_folder = entry.kind is Kind.DIRECTORY
                    if not is_folder and any(match(inside) for match in matches):
                        found[entry.path] = None
            self._known[reader] = tuple(found)
        return self._known[reader]


def _named(tree: Tree, packs: Sequence[Pack]) -> dict[str, list[Entry]]:
    """Return the files that have the name of one by which a reader is known, wherever they lie."""
    kept = (path for pack in packs for reader in pack.readers for path in reader.kept)
    found: dict[str, list[Entry]] = {name_of(path): [] for path in kept if path.startswith("**/")}
    for entry in tree.entries:
        if entry.kind is Kind.FILE and (name := name_of(entry.path)) in found:
            found[name].append(entry)
    return found


def _reference(reader: Reader, path: str, members: tuple[str, ...]) -> Reference:
    needs = ", ".join(reader.keeps[:2]) + (", …" if reader.keeps[2:] else "")
    return Reference(path, needs, posixpath.commonpath(members) or ".", True, members=members)


def _comes_back(verdict: Verdict) -> bool:
    """Return whether a pack dropped it; what the user dropped by name stays out."""
    return verdict.dropped and verdict.rule is not None and verdict.rule.component != "user/drop"
