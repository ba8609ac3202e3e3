"""The native guard: what kept programs and scripts are started with, against what would be dropped.

A program does not start, and a module does not load, without each library that its dynamic
section names (DT_NEEDED), nor without its interpreter (PT_INTERP, ``#!``). What is opened by
name while it runs (dlopen) is only guessed at, so an unused library is offered for dropping, where
no kept file has its name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.native.binaries import may_be_native_name, read_binary
from slimmer.ecosystems.native.opened import never_opened
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.formats.native import HEAD_BYTES
from slimmer.inputs.base import Sibling
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import resolve
from slimmer.sizes import size_text
from slimmer.text import printable

_LIBRARY = re.compile(r"(?s).+\.so(?:\..+)?")
_BUNDLED = re.compile(r"(?:lib|lib64|(?:.+/)?[^/]+\.libs)/[^/]+")


class NativeGuard:
    """Knows the programs and libraries of one tree; reads those that are kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tree = context.tree
        self._libraries = [e for e in self._tree.entries if ".so" in e[0] and _is_library(e)]
        self._sibling_programs: dict[str, Dynamic] | None = None

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the dropped libraries and interpreters that kept programs need, in path order."""
        kept = self._kept(verdicts)
        yield from self._interpreters(kept, verdicts)
        dropped: dict[str, list[str]] = {}
        names = set()
        for entry in self._libraries:
            name = posixpath.basename(entry.path)
            if _is_dropped(entry.path, verdicts):
                dropped.setdefault(name, []).append(entry.path)
            else:
                names.add(name)
        if not dropped:
            return
        for program, folder, dynamic in (*self._programs(kept), *self._programs_of_siblings()):
            for needed in dynamic.needed:
                path = self._found(folder, dynamic, dropped.get(needed, []), needed in names)
                for each in self._with_target(path):
                    yield Reference(program, needed, each, True, "DT_NEEDED")

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield a note for each bundled library that nothing kept is linked to or may open."""
        bundled = [
            entry
            for entry in self._libraries
            if _BUNDLED.fullmatch(self._context.in_zip(entry.path))
            and not _is_dropped(entry.path, verdicts)
        ]
        if not bundled:
            return
        used: set[str] = set()
        for _, _, dynamic in (*self._programs(self._kept(verdicts)), *self._programs_of_siblings()):
            used.update(dynamic.needed)
        used |= {
            posixpath.basename(entry.target)
            for entry in bundled
            if entry.kind is Kind.LINK and posixpath.basename(entry.path) in used
        }
        unused = [entry for entry in bundled if self._is_unused(entry, used)]
        if unused:
            kept = (entry for entry in self._tree.entries if verdicts[entry.path].kept)
            yield from map(_unused, never_opened(self._context, unused, kept))

    def _is_unused(self, entry: Entry, used: set[str]) -> bool:
        binary = self._context.binaries.of(entry)
        soname = binary.dynamic.soname if binary and binary.dynamic else None
        return soname is not None and used.isdisjoint({soname, posixpath.basename(entry.path)})

    def _kept(self, verdicts: Mapping[str, Verdict]) -> list[Entry]:
        return [e for e in self._context.binaries.candidates if not _is_dropped(e.path, verdicts)]

    def _programs(self, kept: Iterable[Entry]) -> Iterator[tuple[str, str, Dynamic]]:
        """Yield path, folder and dynamic section of the kept ELF files."""
        for entry in kept:
            binary = self._context.binaries.of(entry)
            if binary and binary.dynamic:
                yield entry.path, posixpath.dirname(entry.path), binary.dynamic

    def _programs_of_siblings(self) -> Iterator[tuple[str, str, Dynamic]]:
        """Yield the same for the ELF files of the zips beside this one, read when first asked."""
        if self._sibling_programs is None:
            zips = self._context.deployment.siblings
            self._sibling_programs = {f"{z.name}: {p}": d for z in zips for p, d in _elf_members(z)}
        for name, dynamic in self._sibling_programs.items():
            yield name, "", dynamic

    def _interpreters(
        self, kept: Iterable[Entry], verdicts: Mapping[str, Verdict]
    ) -> Iterator[Reference]:
        for entry in kept:
            binary = self._context.binaries.of(entry)
            path = binary.dynamic.interpreter if binary and binary.dynamic else ""
            how, words = "PT_INTERP", self._context.binaries.script(entry).split()
            if words:
                path, how = words[0], "#!"
            inside = self._context.inside(path) if path else None
            certain = inside is not None
            if posixpath.basename(path) == "env" and len(words) > 1:
                path = words[2] if words[1] == "-S" and len(words) > 2 else words[1]
                inside, certain = self._in_bin(path), False
                if in_erts := self._in_release(entry.path, path):
                    inside, certain = in_erts, True
            for each in self._with_target(inside or ""):
                if _is_dropped(each, verdicts):
                    yield Reference(entry.path, path, each, certain, how)

    def _in_bin(self, name: str) -> str | None:
        """Return the program that PATH leads to, where the tree has it."""
        paths = (self._context.inside(f"/opt/bin/{name}"), f"bin/{name}")
        return next((path for path in paths if path in self._tree.by_path), None)

    def _in_release(self, script: str, name: str) -> str | None:
        """Return the program of its Erlang that a script in ``bin`` of a release is started with.

        The release's own start script calls it there, whatever the script's mode is.
        """
        folder = posixpath.dirname(script)
        if posixpath.basename(folder) != "bin" or "/" in name:
            return None
        root = posixpath.dirname(folder)
        if posixpath.join(root, "releases") not in self._tree.by_path:
            return None
        erts = re.compile(
            re.escape(posixpath.join(root, "erts-")) + r"[^/]+/bin/" + re.escape(name)
        )
        return next((e.path for e in self._tree.entries if erts.fullmatch(e.path)), None)

    def _found(self, folder: str, dynamic: Dynamic, dropped: list[str], has_kept: bool) -> str:
        """Return the dropped library that the loader would take, or "".

        One in a folder that the program names is taken there, whatever lies elsewhere; any
        other only where no kept library has its name.
        """
        folders = [self._context.search_folder(each, folder) for each in dynamic.search]
        for path in dropped:
            if posixpath.dirname(path) in folders:
                return path
        return dropped[0] if dropped and not has_kept else ""

    def _with_target(self, path: str) -> Iterator[str]:
        """Yield the links that a path leads over, and what it leads to."""
        trail = resolve(self._tree, path)
        yield from trail.over
        if trail.end:
            yield trail.end


def _elf_members(beside: Sibling) -> Iterator[tuple[str, Dynamic]]:
    for path, what in beside.placed.items():
        if what is None or not may_be_native_name(path):
            continue
        data = beside.read(path)
        binary = read_binary(data[:HEAD_BYTES], lambda at, size, d=data: d[at : at + size])  # type: ignore[misc]
        if binary and binary.dynamic:
            yield path, binary.dynamic


def _unused(entry: Entry) -> Finding:
    return finding(
        "unused-library",
        f"{printable(entry.path)} ({size_text(entry.size_bytes)}): nothing kept is linked to it "
        f"or has its name; drop it with --drop '/{printable(entry.path)}'",
    )


def _is_library(entry: Entry) -> bool:
    if entry.kind not in (Kind.FILE, Kind.LINK):
        return False
    return _LIBRARY.fullmatch(posixpath.basename(entry.path)) is not None


def _is_dropped(path: str, verdicts: Mapping[str, Verdict]) -> bool:
    return verdicts[path].dropped
