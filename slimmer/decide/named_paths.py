"""What the user's own files name by its path in the tree, in whatever language they are.

A script, a program's source, settings or a page that name ``share/doc/x/manual.html`` read it, or
hand it on. The path is that from the top of the tree, wherever that lies when it runs, or from
the folder of the file that names it. Of a folder the whole path counts only where all in it is
dropped: ``lib/x`` in a search path speaks of what is there, not of its ``libx.a``. A file that
lists a folder may name the ending of what it looks for instead, as ``-sources.jar``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.ecosystems.folders import DroppedFolders
from slimmer.ecosystems.own_texts import tool_of, writing_of
from slimmer.formats import FormatError
from slimmer.formats.java.classes import read_class
from slimmer.formats.mentions import Writing, endings, line_of, paths
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of, name_of, parents

_PAGES = (".html", ".htm", ".css", ".ejs", ".hbs", ".pug", ".twig", ".j2")
_CLASS = ".class"
_MAX_PAGE_BYTES = 1_000_000
_MAX_PARTS = 16  # of a path that is looked for; the rest of a longer one is a host's, or noise
_HEAD_BYTES = 4_096  # a text has no zero byte in them


class _Wanted(NamedTuple):
    """What may be named: names of files and folders, and what has such an ending of a name."""

    names: frozenset[str]
    by_ending: Mapping[str, tuple[str, ...]]


class NamedPaths:
    """Knows which paths of one tree its user's own files name; reads each once."""

    def __init__(self, tree: Tree, owners: Mapping[str, str], read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._owners = owners
        self._read = read
        self._named: dict[str, tuple[str, int]] | None = None

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what is named and dropped, but for what the user dropped by a pattern."""
        gone = DroppedFolders(verdicts)
        if self._named is None:  # later rounds drop no more
            dropped = {path for path, verdict in verdicts.items() if _may_return(verdict)}
            dropped |= {folder for path in dropped for folder in parents(path)}
            self._named = self._find(dropped) if dropped else {}
        kept = {folder for path, v in verdicts.items() if v.kept for folder in parents(path)}
        for path, (source, line) in self._named.items():
            verdict = verdicts.get(path)
            if verdict is None or not verdicts[source].kept or path in kept:
                continue
            if self._tree.by_path[path].kind is Kind.DIRECTORY:
                reference = gone.reference(source, path, line=line)
                if reference is not None:
                    yield reference
            elif _may_return(verdict):
                yield Reference(source, path, path, True, members=(path,), line=line)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what is named comes back."""
        yield from ()

    def _find(self, wanted: set[str]) -> dict[str, tuple[str, int]]:
        """Return where each of these paths is named first, if it is: the file and the line."""
        found: dict[str, tuple[str, int]] = {}
        named = _wanted(wanted)
        for entry in self._tree.entries:
            if entry.kind is Kind.FILE and self._owners[entry.path] == OWN:
                for path, text, offset in self._paths_in(entry, named):
                    if path in wanted and path in self._tree.by_path and path not in found:
                        found[path] = entry.path, line_of(text, offset) if text else 0
        return found

    def _paths_in(self, entry: Entry, named: _Wanted) -> Iterator[tuple[str, bytes, int]]:
        """Yield each path that a file may mean, if it ends in such a name, and where it stands."""
        if entry.path.endswith(_CLASS):
            texts = _constants(self._read(entry.path))
            yield from ((path, b"", 0) for path, _ in _meant(texts, Writing.QUOTED, entry, named))
            return
        is_page = entry.path.endswith(_PAGES) and entry.size_bytes <= _MAX_PAGE_BYTES
        writing = Writing.QUOTED if is_page else writing_of(entry)
        if writing is None or tool_of(name_of(entry.path)):
            return
        text = self._read(entry.path)
        if b"\0" not in text[:_HEAD_BYTES]:
            for path, offset in _meant(text, writing, entry, named):
                yield path, text, offset


def _wanted(paths: Iterable[str]) -> _Wanted:
    by_ending: dict[str, list[str]] = {}
    for path in sorted(paths):
        name = name_of(path)
        for at, letter in enumerate(name):
            if letter == "-":
                by_ending.setdefault(name[at:], []).append(path)
    names = frozenset(map(name_of, paths))
    return _Wanted(names, {ending: tuple(found) for ending, found in by_ending.items()})


def _constants(data: bytes) -> bytes:
    """Return the texts in a class file, one a line."""
    try:
        return b"\n".join(sorted(read_class(data).texts))
    except FormatError:
        return b""


def _meant(
    text: bytes, writing: Writing, source: Entry, named: _Wanted
) -> Iterator[tuple[str, int]]:
    """Yield the paths of the tree that those in a text can mean, and where these stand."""
    for said, offset in paths(text, writing):
        if name_of(said) in named.names:
            parts = [part for part in said.split("/") if part not in ("", ".")][-_MAX_PARTS:]
            for start in range(len(parts) - 1):
                yield "/".join(parts[start:]), offset
            yield posixpath.normpath(posixpath.join(folder_of(source.path), said)), offset
    for said, offset in endings(text, writing):
        yield from ((path, offset) for path in named.by_ending.get(said, ()))


def _may_return(verdict: Verdict) -> bool:
    return verdict.dropped and (verdict.rule is None or verdict.rule.component != "user/drop")
