"""What a check may look at: a tree, who owns its paths, and the first bytes of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.inputs.base import ReadPart
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import join

_START_BYTES = 8192  # of a file that is looked into: frameworks are named at its top
_MANIFEST_BYTES = 1 << 20  # of a package.json; those of registries have some 10 kB
SCRIPTS = (".js", ".cjs", ".mjs")  # what Node runs
_PACKAGE = re.compile(r"(?:.*/|)node_modules/((?:@[^/]+/)?[^/@.][^/]*)(?=/|$)")


class Found(NamedTuple):
    """What a check found: whether its evidence holds, and what it saw, or missed, there."""

    holds: bool
    what: str = ""


class Unit(NamedTuple):
    """What a rule matched: a folder with all in it, a file or a link."""

    path: str
    kind: Kind
    #: The root of the pack whose rule it is, ``""`` for the tree.
    root: str

    @property
    def is_folder(self) -> bool:
        """Whether it stands for all that is in it."""
        return self.kind is Kind.DIRECTORY


@dataclass(frozen=True)
class Surroundings:
    """A tree around the units that checks are asked about; what was looked up is remembered."""

    tree: Tree
    read: ReadPart
    owners: Mapping[str, str]
    _said: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _scripts: dict[str, frozenset[str]] = field(default_factory=dict)
    _once: dict[str, str] = field(default_factory=dict)
    _below: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Return whether the tree has a path."""
        return path in self.tree.by_path

    def is_own(self, path: str) -> bool:
        """Return whether no installer wrote a path."""
        return self.owners.get(path, OWN) == OWN

    def files(self, unit: Unit) -> Iterator[Entry]:
        """Yield the files and links that a unit stands for."""
        for entry in self.tree.below(unit.path):
            if entry.kind is not Kind.DIRECTORY:
                yield entry

    def start(self, path: str, size_bytes: int = _START_BYTES) -> bytes:
        """Return the first bytes of a file; none where it is no file or cannot be read."""
        entry = self.tree.by_path.get(path)
        if entry is None or entry.kind is not Kind.FILE:
            return b""
        try:
            return self.read(path, 0, min(size_bytes, entry.size_bytes))
        except InputError:
            return b""

    def manifest(self, path: str) -> bytes:
        """Return a file that describes a package, none of it where it is too large for one."""
        data = self.start(path, _MANIFEST_BYTES + 1)
        return data if len(data) <= _MANIFEST_BYTES else b""

    def said(self, path: str) -> Mapping[str, object]:
        """Return what a package.json says; nothing where there is none or it cannot be read."""
        if path not in self._said:
            try:
                said = json.loads(self.manifest(path) or b"{}")
            except (ValueError, RecursionError):
                said = {}
            self._said[path] = said if isinstance(said, dict) else {}
        return self._said[path]

    def once(self, key: str, find: Callable[[Surroundings, str], str], folder: str) -> str:
        """Return what is found in a folder, which is looked for once for each key."""
        if key not in self._once:
            self._once[key] = find(self, folder)
        return self._once[key]

    def scripts(self, folder: str) -> frozenset[str]:
        """Return how the paths of the scripts below a folder end, without their own endings.

        That is ``dist/a/b``, ``a/b`` and ``b`` for ``dist/a/b.js``.
        """
        if folder not in self._scripts:
            paths = (
                entry.path for entry in self.tree.below(folder) if entry.path.endswith(SCRIPTS)
            )
            parts = [path[len(folder) + 1 :].rpartition(".")[0].split("/") for path in paths]
            found = ("/".join(each[start:]) for each in parts for start in range(len(each)))
            self._scripts[folder] = frozenset(found)
        return self._scripts[folder]

    def names_in(self, folder: str) -> tuple[str, ...]:
        """Return the names of what lies directly in a folder."""
        return self._children.get(folder, ())

    def first_below(self, folder: str, ends: tuple[str, ...]) -> str:
        """Return the first file below a folder whose name ends so; ``""`` where there is none."""
        key = (folder, ends)
        if key not in self._below:
            entries = self.tree.below(folder) if folder else iter(self.tree.entries)
            found = (e.path for e in entries if e[0].endswith(ends) and e[1] is not Kind.DIRECTORY)
            self._below[key] = next(found, "")
        return self._below[key]

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for entry in self.tree.entries:
            folder, _, name = entry[0].rpartition("/")
            found.setdefault(folder, []).append(name)
        return {folder: tuple(names) for folder, names in found.items()}


def npm_package(path: str) -> tuple[str, str]:
    """Return folder and name of the package in node_modules that a path is, or lies in."""
    match = _PACKAGE.match(path)
    return (match[0], match[1]) if match else ("", "")


def top_folder(unit: Unit) -> str:
    """Return the folder directly below the pack's root that a unit lies in, or the root."""
    first, slash, _ = unit.path[len(join(unit.root, "")) :].partition("/")
    return join(unit.root, first) if slash else unit.root
