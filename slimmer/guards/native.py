"""The native guard: the libraries that kept programs need against what the rules would drop.

A program does not start, and a module does not load, without each library that its dynamic
section names (DT_NEEDED). What is opened by name while it runs (dlopen) cannot be seen.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf_dynamic import Dynamic, parse_dynamic
from slimmer.model import Action, Entry, Finding, Kind, Reference, Tree, Verdict

_LIBRARY = re.compile(r".+\.so(?:\.[\w.+-]+)?")
_MAX_HOPS = 40  # as many as Linux follows, path_resolution(7)


class NativeGuard:
    """Knows the shared libraries of one tree; reads the programs that are kept."""

    def __init__(self, tree: Tree, read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._read = read
        self._known: dict[str, Dynamic] = {}
        self._libraries = [e for e in tree.entries if _is_library(e)]
        self._programs = [e for e in tree.entries if e.kind is Kind.FILE and _may_be_elf(e)]

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the dropped libraries that kept programs need, in path order."""
        dropped: dict[str, list[str]] = {}
        kept = set()
        for entry in self._libraries:
            name = posixpath.basename(entry.path)
            if verdicts[entry.path].action is Action.DROP:
                dropped.setdefault(name, []).append(entry.path)
            else:
                kept.add(name)
        if not dropped:
            return
        for entry in self._programs:
            if verdicts[entry.path].action is Action.KEEP:
                dynamic = self._dynamic(entry.path)
                for needed in dynamic.needed:
                    found = _found(entry.path, dynamic, dropped.get(needed, []), needed in kept)
                    for path in self._with_target(found):
                        yield Reference(entry.path, needed, path, True, "DT_NEEDED")

    def findings(self) -> Iterator[Finding]:
        """Yield nothing: programs that cannot be understood are named where they are stripped."""
        yield from ()

    def _dynamic(self, path: str) -> Dynamic:
        if path not in self._known:
            data = self._read(path)
            try:
                elf = data.startswith(b"\x7fELF")
                self._known[path] = parse_dynamic(data) if elf else Dynamic()
            except (FormatError, Refused):
                self._known[path] = Dynamic()
        return self._known[path]

    def _with_target(self, path: str) -> Iterator[str]:
        """Yield a path and, where it is a link, what it leads to, over all links on the way."""
        for _ in range(_MAX_HOPS):
            entry = self._tree.by_path.get(path)
            if entry is None:
                return
            yield path
            if entry.kind is not Kind.LINK:
                return
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.target))


def _found(program: str, dynamic: Dynamic, dropped: list[str], has_kept: bool) -> str:
    """Return the dropped library that the loader would take, or "".

    One in a folder that the program names is taken there, whatever lies elsewhere; any
    other only where no kept library has its name.
    """
    folders = [_inside(folder, posixpath.dirname(program)) for folder in dynamic.search]
    for path in dropped:
        if posixpath.dirname(path) in folders:
            return path
    return dropped[0] if dropped and not has_kept else ""


def _inside(folder: str, origin: str) -> str:
    """Return the folder of the tree that a search path means; of one on the host, that one."""
    named = re.sub(r"\$(?:ORIGIN|\{ORIGIN\})", lambda _: origin or ".", folder)
    named = posixpath.normpath(named)
    return "" if named == "." else named


def _is_library(entry: Entry) -> bool:
    if entry.kind not in (Kind.FILE, Kind.LINK):
        return False
    return _LIBRARY.fullmatch(posixpath.basename(entry.path)) is not None


def _may_be_elf(entry: Entry) -> bool:
    return entry.executable or _is_library(entry)
