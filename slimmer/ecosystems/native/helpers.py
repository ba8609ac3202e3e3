"""Helpers: foreign files that a package brings to every machine, and that only others start.

A pure wheel and a package of npm that builds nothing are the same on every platform: to install
them again for Lambda changes nothing, and what they do here they do without such a file.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from slimmer.ecosystems.interface import DropRequest
from slimmer.ecosystems.native.platforms import has_platform_word, npm_package
from slimmer.formats import FormatError
from slimmer.formats.python.record import paths_of
from slimmer.model.tree import Kind

_WHEEL = ".dist-info/WHEEL"
_TAG = re.compile(rb"^Tag:[ \t]*(\S+)", re.MULTILINE)
FOREIGN_ENDS = (".exe", ".dll", ".dylib")  # no code for Linux names a file with one of these
# Where a source asks for its platform, what it names for another one is not needed on this one.
_ASKS_PLATFORM = re.compile(
    rb"sys\.platform|platform\.system|os\.name|process\.platform|os\.platform|os\.type|RUBY_PLATFORM"
    rb"|uname"
)
_SOURCES = (".py", ".js", ".cjs", ".mjs", ".ts", ".rb", ".php", ".exs", ".sh")
_SCRIPTS = (".js", ".cjs", ".mjs")
_BUILDS = frozenset({"preinstall", "install", "postinstall"})


class Helpers:
    """Knows which foreign files of one tree are helpers; reads what it needs when asked."""

    def __init__(self, request: DropRequest) -> None:
        self._context = request.context
        self._verdicts = request.verdicts
        self._is_own = request.is_own

    def is_helper(self, path: str) -> bool:
        """Return whether nothing that runs on Linux needs a foreign file, as far as is certain."""
        if record := self._pure.get(path):
            return not self._is_imported(path, record)
        package = npm_package(path)
        return bool(package) and self._is_npm_helper(package, path)

    def is_loaded(self, path: str) -> bool:
        """Return whether code of the user's own names a foreign file, on whatever platform."""
        whole = re.escape(posixpath.basename(path).encode("utf-8", "replace"))
        name = re.compile(rb"[\"'/\\]" + whole + rb"[\"'\s]")
        return any(name.search(t) and not _ASKS_PLATFORM.search(t) for t in self._own_sources)

    @cached_property
    def _own_sources(self) -> list[bytes]:
        paths = ["bootstrap", *(e.path for e in self._context.tree.ending_in(*_SOURCES))]
        return list(self._texts(filter(self._is_own, paths)))

    @cached_property
    def _pure(self) -> dict[str, tuple[str, ...]]:
        """The files of each wheel for any platform, by each of its files."""
        found: dict[str, tuple[str, ...]] = {}
        for entry in self._context.tree.ending_in(_WHEEL):
            if entry.kind is not Kind.FILE:
                continue
            tags = _TAG.findall(self._context.read(entry.path))
            if tags and all(tag.endswith(b"-any") for tag in tags):
                files = self._files_of(posixpath.dirname(entry.path))
                found |= dict.fromkeys(files, files)
        return found

    def _files_of(self, info: str) -> tuple[str, ...]:
        record = self._context.tree.by_path.get(f"{info}/RECORD")
        if record is None or record.kind is not Kind.FILE:
            return ()
        try:
            paths = paths_of(self._context.read(record.path))
        except FormatError:
            return ()
        site = posixpath.dirname(info)
        return tuple(posixpath.normpath(posixpath.join(site, path)) for path in paths)

    def _is_imported(self, path: str, record: tuple[str, ...]) -> bool:
        """Return whether a source of the wheel imports a module, whatever the platform is."""
        module = re.escape(posixpath.basename(path).partition(".")[0].encode())
        imported = re.compile(rb"^(?:from|import)[ \t][^\n]*\b" + module + rb"\b", re.MULTILINE)
        sources = (each for each in record if each.endswith(".py"))
        return any(imported.search(text) for text in self._texts(sources))

    def _is_npm_helper(self, package: str, path: str) -> bool:
        name = package.rpartition("node_modules/")[2]
        if path.endswith(".node") or has_platform_word(name):
            return False
        inside = path[len(package) + 1 :]
        if not self._builds(package):
            return path.casefold().endswith(FOREIGN_ENDS) or any(
                has_platform_word(part) for part in inside.split("/")
            )
        return path.casefold().endswith(FOREIGN_ENDS) and self._is_named(package, path)

    def _builds(self, package: str) -> bool:
        """Return whether installing a package may make or fetch files for one platform."""
        if f"{package}/binding.gyp" in self._context.tree.by_path:
            return True
        path = f"{package}/package.json"
        entry = self._context.tree.by_path.get(path)
        if entry is None or entry.kind is not Kind.FILE:
            return True
        try:
            document = json.loads(self._context.read(path))
        except (ValueError, RecursionError):
            return True
        scripts = document.get("scripts", {}) if isinstance(document, dict) else None
        return not isinstance(scripts, dict) or not _BUILDS.isdisjoint(scripts)

    def _is_named(self, package: str, path: str) -> bool:
        """Return whether a package's code names a program for Windows alone, ending and all."""
        name = posixpath.basename(path)
        stem = re.escape(name.rpartition(".")[0].encode("utf-8", "surrogateescape"))
        bare = re.compile(rb"[\"'`/]" + stem + rb"[\"'`]")
        files = (entry.path for entry in self._context.tree.below(package))
        texts = list(self._texts(each for each in files if each.endswith(_SCRIPTS)))
        whole = name.encode("utf-8", "surrogateescape")
        return any(whole in text for text in texts) and not any(map(bare.search, texts))

    def _texts(self, paths: Iterator[str]) -> Iterator[bytes]:
        for path in paths:
            entry = self._context.tree.by_path.get(path)
            if entry is not None and entry.kind is Kind.FILE and self._verdicts[path].kept:
                yield self._context.read(path)
