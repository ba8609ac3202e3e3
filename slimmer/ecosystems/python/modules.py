"""Python's modules as a tree has them: by path without ending, and what of them is dropped."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from slimmer.model.rules import Verdict
from slimmer.model.tree import Entry

TESTS = frozenset(("tests", "test"))  # packages of which single modules are taken, without the rest


class Gone:
    """What is dropped in one round: modules by path, and anything else by its verdict."""

    def __init__(self, modules: Mapping[str, list[Entry]], verdicts: Mapping[str, Verdict]) -> None:
        self._verdicts = verdicts
        self.modules = {
            module: entries
            for module, entries in modules.items()
            if all(self.drops(entry.path) for entry in entries)
        }

    def drops(self, path: str) -> bool:
        """Return whether a path is dropped."""
        verdict = self._verdicts.get(path)
        return verdict is not None and verdict.dropped

    def by_user(self, path: str) -> bool:
        """Return whether the user dropped a path by name."""
        verdict = self._verdicts.get(path)
        rule = verdict.rule if verdict is not None else None
        return rule is not None and rule.component == "user/drop"

    def whole(self, module: str, entry: Entry) -> str:
        """Return what to bring back for a module: its file, or a package's folder.

        A package's code may read the data that lies beside it, so where a rule dropped
        the folder, the folder comes back. From a package of tests only modules are taken.
        """
        if is_package(entry, module) and last_part(module) not in TESTS and self.drops(module):
            return module
        return entry.path


def below(root: str, dotted: str, name: str) -> list[str]:
    """Return the modules that an import loads below a root, outermost first, without endings."""
    parts = [part for part in dotted.split(".") if part]
    loaded = ["/".join((root, *parts[: count + 1])).lstrip("/") for count in range(len(parts))]
    loaded = loaded or [root]
    if name and name != "*":
        loaded.append(f"{loaded[-1]}/{name}".lstrip("/"))
    return loaded


def is_package(entry: Entry, module: str) -> bool:
    """Tell whether an entry is the ``__init__`` of a module, and not a file beside its folder."""
    return posixpath.dirname(entry.path) == module


def modules_of(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Return the files that can provide a module, by its path without ending."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if "__pycache__" not in entry.path:
            found.setdefault(module_of(entry.path), []).append(entry)
    return found


def module_of(path: str) -> str:
    """Return a module's path without its ending; that of a package is its folder."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder if stem == "__init__" else f"{folder}/{stem}".lstrip("/")


def loaded_module(path: str) -> str:
    """Return the module that Python loads from a file, its cached bytecode (PEP 3147) included."""
    folder, _, name = path.rpartition("/")
    above, _, last = folder.rpartition("/")
    return module_of(f"{above}/{name}".lstrip("/") if last == "__pycache__" else path)


def last_part(path: str) -> str:
    """Return the name of a file or folder, or a module's innermost one."""
    return path.rpartition("/")[2]
