"""The Python guard: what kept modules import against the modules that the rules would drop.

A file is parsed only when its imports and strings hold the name of something dropped, so the
guard costs about as much as reading the sources. What an extension module imports cannot be
seen; the modules that it comes with are kept by the packs for that reason.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from slimmer.around import Around
from slimmer.formats import FormatError
from slimmer.formats.python_source import Import, imports, words
from slimmer.model import Action, Entry, Finding, Reference, Severity, Verdict
from slimmer.names import printable

_EXTENSIONS = (".py", ".so", ".pyd")
_STUB = "__init__.pyi"
_LAYER_ROOTS = ("", "python")


class PythonGuard:
    """Knows the modules of one tree; reads the sources that are kept."""

    def __init__(self, around: Around) -> None:
        self._tree = tree = around.tree
        self._read = around.read
        self._modules = {_module(entry.path): entry for entry in tree.ending_in(*_EXTENSIONS)}
        self._stubs = {entry.path: entry for entry in tree.ending_in(".pyi")}
        self._roots = self._find_roots()
        self._words: dict[str, frozenset[bytes]] = {}
        self._imports: dict[str, tuple[Import, ...]] = {}
        self._broken: dict[str, str] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what kept sources ask for and the rules would drop, in path order."""
        dropped = {m: e for m, e in self._modules.items() if _is_dropped(e, verdicts)}
        names = {m.rpartition("/")[2].encode() for m in dropped if _parent(m) not in dropped}
        if any(_is_dropped(entry, verdicts) for entry in self._stubs.values()):
            names.add(b"attach_stub")
        if not names:
            return
        for entry in self._tree.ending_in(".py"):
            path = entry.path
            if not _is_dropped(entry, verdicts) and not names.isdisjoint(self._words_of(path)):
                for asked in self._imports_of(path):
                    yield from self._resolved(path, asked, dropped, verdicts)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the sources that could not be parsed; what they import is not known."""
        for path, reason in sorted(self._broken.items()):
            yield Finding(
                "unreadable-source",
                Severity.WARN,
                f"{printable(path)} names modules that are dropped, and cannot be parsed "
                f"({reason}); keep what it imports with --keep",
            )

    def _find_roots(self) -> tuple[str, ...]:
        """Return the folders that imports start from: those that hold distributions."""
        found = [e.path for e in self._tree.ending_in("/METADATA", "/PKG-INFO")]
        holders = (posixpath.dirname(posixpath.dirname(path)) for path in found)
        return tuple(dict.fromkeys((*_LAYER_ROOTS, *holders)))

    def _words_of(self, path: str) -> frozenset[bytes]:
        if path not in self._words:
            self._words[path] = words(self._read(path))
        return self._words[path]

    def _imports_of(self, path: str) -> tuple[Import, ...]:
        if path not in self._imports:
            try:
                self._imports[path] = imports(self._read(path))
            except FormatError as error:
                self._broken[path] = str(error)
                self._imports[path] = ()
        return self._imports[path]

    def _resolved(
        self,
        path: str,
        asked: Import,
        dropped: Mapping[str, Entry],
        verdicts: Mapping[str, Verdict],
    ) -> Iterator[Reference]:
        """Yield a reference to each dropped module that an import would load."""
        if asked.name == _STUB:
            stub = self._stubs.get(posixpath.splitext(path)[0] + ".pyi")
            if stub is not None and _is_dropped(stub, verdicts):
                yield Reference(path, stub.path, stub.path, asked.certain, asked.how)
            return
        for root in self._starts(path, asked):
            wanted = posixpath.normpath(f"{root}/{asked.module.replace('.', '/')}".strip("/"))
            loaded = _loaded(wanted, asked.name, root)
            if loaded[0] in self._modules or self._is_folder(loaded[0]):
                for module in loaded:
                    if module in dropped:
                        target = dropped[module].path
                        yield Reference(path, module, target, asked.certain, asked.how)
                return

    def _is_folder(self, module: str) -> bool:
        return module == "." or module in self._tree.by_path

    def _starts(self, path: str, asked: Import) -> tuple[str, ...]:
        """Return the folders in which an import of a file begins, the first that has it wins."""
        folder = posixpath.dirname(path)
        if asked.level:
            for _ in range(asked.level - 1):
                folder = posixpath.dirname(folder)
            return (folder,)
        while folder and folder in self._modules:
            folder = posixpath.dirname(folder)
        return (folder, *self._roots)


def _loaded(wanted: str, name: str, root: str) -> list[str]:
    """Return the modules that an import loads, outermost first, as paths without endings."""
    inside = wanted[len(root) :].strip("/") if root else wanted
    parts = [part for part in inside.split("/") if part not in ("", ".")]
    loaded = [posixpath.join(root, *parts[: count + 1]) for count in range(len(parts))]
    loaded = loaded or [root or "."]
    if name and name != "*":
        loaded.append(posixpath.join(loaded[-1] if loaded[-1] != "." else "", name))
    return loaded


def _module(path: str) -> str:
    """Return a module's path without its ending; that of a package is its folder."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder if stem == "__init__" else f"{folder}/{stem}".lstrip("/")


def _parent(module: str) -> str:
    return module.rpartition("/")[0]


def _is_dropped(entry: Entry, verdicts: Mapping[str, Verdict]) -> bool:
    return verdicts[entry.path].action is Action.DROP
