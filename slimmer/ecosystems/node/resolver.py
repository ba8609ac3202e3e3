"""Where Node finds what code asks for, on a tree instead of a disk.

The algorithms are those of https://nodejs.org/api/modules.html#all-together and of
https://nodejs.org/api/esm.html; links are followed to real paths, as Node does.
"""

from __future__ import annotations

import posixpath
import re
import urllib.parse
from collections.abc import Callable, Iterator
from functools import cached_property

from slimmer.formats.javascript.package_json import Package, exported, imported
from slimmer.formats.javascript.requires import IN_ANY
from slimmer.model.tree import Kind, Tree
from slimmer.model.tree_links import resolve

_ENDS = ("", ".js", ".json", ".node")
_INDEX = ("index.js", "index.json", "index.node")
_MODULES = "node_modules"
_HOME = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*")
_LAYER = re.compile(r"(?:nodejs/(?:node\d+/)?)?node_modules")  # in /opt, as NODE_PATH names it
# As Node's module.builtinModules lists them; with more behind, "util/" say, a package is meant.
_BUILTIN = {
    *("assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants"),
    *("crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http"),
    *("http2", "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process"),
    *("punycode", "querystring", "readline", "repl", "stream", "string_decoder", "sys"),
    *("timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi"),
    *("worker_threads", "zlib", "assert/strict", "dns/promises", "fs/promises"),
    *("inspector/promises", "path/posix", "path/win32", "readline/promises"),
    *("stream/consumers", "stream/promises", "stream/web", "timers/promises", "util/types"),
}


class Resolver:
    """Resolves names to the real paths of files in one tree.

    ``package_at`` gives what a package.json at a path says, or None where it says nothing.
    """

    def __init__(self, tree: Tree, package_at: Callable[[str], Package | None]) -> None:
        self._tree = tree
        self._by_path = tree.by_path
        self._has_links = bool(tree.links)
        self._package_at = package_at
        self._real: dict[str, str] = {}
        self._packages: dict[tuple[str, str], tuple[str, ...]] = {}

    @cached_property
    def _layer(self) -> tuple[str, ...]:
        """The folders of packages that a layer puts on every function's search path."""
        modules = (e.path for e in self._tree.entries if e.path.endswith(_MODULES))
        return tuple(path for path in modules if _LAYER.fullmatch(path))

    def resolve(self, source: str, specifier: str, how: str) -> tuple[str, ...]:
        """Return the files that a source may get, by the version of Node; () for none in the tree.

        ``how`` is ``require``, ``import`` or, for a file or folder beside it, ``path``; so is a
        ``prefix``, where it begins with a dot. What is ``joined`` to an unknown folder may lie in
        any package that is named after the source's, such as its host's plugins.
        """
        folder = posixpath.dirname(source)
        if how == IN_ANY:
            return tuple(self._of_relatives(source, specifier))
        if how == "prefix" and not specifier.startswith("."):
            return ()
        if how in ("path", "prefix"):
            return _some(self.real(_join(folder, specifier)))
        if specifier.startswith((".", "/")):
            if specifier.startswith("/"):
                return ()
            name = _of_url(specifier) if how == "import" else specifier
            return _some(self._file_or_folder(_join(folder, name), name))
        if specifier.startswith("#"):
            return tuple(self._imported(folder, specifier, how))
        if ":" in specifier or specifier in _BUILTIN:
            return ()
        return self._bare(folder, specifier, how)

    def _of_relatives(self, source: str, inside: str) -> Iterator[str]:
        """Yield the folders of that name in packages that are named after a source's."""
        family = _family(source)
        for home in self._families.get(family, ()) if family else ():
            found = "" if source.startswith(f"{home}/") else self.real(_join(home, inside))
            if found and self._by_path[found].kind is Kind.DIRECTORY:
                yield found

    @cached_property
    def _families(self) -> dict[str, list[str]]:
        """The packages that are named after another one or after its scope, by that name."""
        homes = {m[0] for e in self._tree.entries if (m := _HOME.fullmatch(e.path))}
        found: dict[str, list[str]] = {}
        for family in {_family(home) for home in homes}:
            word = re.compile(rf"(?<![\w.]){re.escape(family)}(?![\w.])")
            found[family] = sorted(home for home in homes if word.search(_name(home)))
        return found

    def entry(self, folder: str) -> str:
        """Return the file that ``require`` of a folder gives, by its main; "" for none."""
        package = self._package_at(f"{folder}/package.json".lstrip("/"))
        if package is not None and package.main:
            main = _join(folder, package.main)
            found = self._file(main) or self._index(main)
            if found:
                return found
        return self._index(folder)

    def scope(self, path: str) -> str:
        """Return the package.json that holds for a file: the nearest above it, or ""."""
        while path:
            path = path.rpartition("/")[0]
            if path.endswith(_MODULES):
                return ""
            if self.real(candidate := f"{path}/package.json".lstrip("/")):
                return candidate
        return ""

    def real(self, path: str) -> str:
        """Return the path with no link on its way, or "" where the tree has nothing there."""
        if path in self._real:
            return self._real[path]
        entry = self._by_path.get(path)
        found = path if entry is not None and entry.kind is not Kind.LINK else ""
        if not found and path and self._has_links:
            found = resolve(self._tree, path).end or ""
        self._real[path] = found
        return found

    def _file(self, path: str) -> str:
        for end in _ENDS:
            real = self.real(path + end)
            if real and self._by_path[real].kind is Kind.FILE:
                return real
        return ""

    def _index(self, folder: str) -> str:
        return next((f for name in _INDEX if (f := self.real(_join(folder, name)))), "")

    def _file_or_folder(self, path: str, specifier: str) -> str:
        is_folder = specifier.endswith(("/", "/.", "/..")) or specifier in (".", "..")
        return ("" if is_folder else self._file(path)) or self.entry(self.real(path) or path)

    def _bare(self, folder: str, specifier: str, how: str) -> tuple[str, ...]:
        parts = specifier.split("/")
        length = 2 if specifier.startswith("@") else 1
        name, rest = "/".join(parts[:length]), "/".join(parts[length:])
        own = self._own_package(folder, name)
        for home in self._homes(folder, name) if own is None else (own,):
            package = self._package_at(f"{home}/package.json".lstrip("/"))
            if package is not None and package.exports is not None:
                paths = exported(package, f"./{rest}" if rest else ".", how)
                return tuple(f for path in paths if (f := self.real(_join(home, path))))
            found = self._file_or_folder(_join(home, rest), rest) if rest else self._main(home)
            if found:
                return (found,)
        files = (self._file(f"{at}/{specifier}") for at in self._lookups(folder))
        return _some(next((file for file in files if file), ""))

    def _main(self, home: str) -> str:
        return self.entry(home) if self._by_path[home].kind is not Kind.FILE else home

    def _own_package(self, folder: str, name: str) -> str | None:
        """Return the folder of the package that a file is in, if it asks for itself by name."""
        scope = self.scope(f"{folder}/x")
        package = self._package_at(scope) if scope else None
        if package is not None and package.name == name and package.exports is not None:
            return posixpath.dirname(scope)
        return None

    def package_folder(self, folder: str, name: str) -> str:
        """Return the folder of the package that code in a folder gets by a name; "" for none."""
        return next(iter(self._homes(folder, name)), "")

    def _homes(self, folder: str, name: str) -> tuple[str, ...]:
        """Return what has the name of a package in the places that are looked at, in order."""
        known = self._packages.get((folder, name))
        if known is None:
            found = (self.real(f"{at}/{name}") for at in self._lookups(folder))
            known = tuple(dict.fromkeys(home for home in found if home))
            self._packages[folder, name] = known
        return known

    def _lookups(self, folder: str) -> Iterator[str]:
        """Yield the node_modules folders that a file in a folder is given, the nearest first."""
        while True:
            if posixpath.basename(folder) != _MODULES:
                yield f"{folder}/{_MODULES}".lstrip("/")
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        yield from self._layer

    def _imported(self, folder: str, specifier: str, how: str) -> Iterator[str]:
        scope = self.scope(f"{folder}/x")
        package = self._package_at(scope) if scope else None
        home = posixpath.dirname(scope)
        for target in imported(package, specifier, how) if package else ():
            if found := self.real(_join(home, target)):
                yield found
            if not target.startswith(("#", ".")):
                yield from self._bare(home, target, how)


def _name(home: str) -> str:
    return home.rpartition(f"{_MODULES}/")[2]


def _family(path: str) -> str:
    """Return what packages are named after that belong to the one that a path lies in."""
    name = _name(path)
    return name.partition("/")[0].lstrip("@") if _MODULES in path else ""


def _of_url(specifier: str) -> str:
    """Return the path in a relative URL, which is what ``import`` takes."""
    return urllib.parse.unquote(re.split("[?#]", specifier, maxsplit=1)[0])


def _join(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def _some(path: str) -> tuple[str, ...]:
    return (path,) if path else ()
