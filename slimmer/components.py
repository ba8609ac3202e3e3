"""Components of what ships: the application or package that a path belongs to.

Every path belongs to exactly one, ``PACK/UNIT``: the unit is the outermost folder or file on
the way to it that a pack sums up by (``groups``), without version, so that a new version of
a library is the same component. What no pack knows is ``other/FOLDER``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from slimmer.model import Entry, Kind, Tree
from slimmer.packs import Pack
from slimmer.rules import USER, Mount, Ruleset, find_roots, mounts

OTHER = "other"
ANYWHERE = (".",)  # what a pack detects that speaks of any tree
ROOT = "root"  # the unit of the files that lie in no folder of their own

_ENDS = re.compile(r"\.(dist-info|egg-info|libs|py|jar|war|(abi3|cpython|cp|pypy)[\w.-]*\.so|so)$")
_VERSION = re.compile(
    r"-v?\d+([._+][\w.+]*)?(-(SNAPSHOT|RELEASE|FINAL|(alpha|beta|rc)\d*))?"
    r"(?=\.(dist-info|egg-info|jar|war)$|$)"
)


def tree_of(names: Iterable[tuple[str, Kind]]) -> Tree:
    """Return the tree that the names of a zip make, with the folders that they imply."""
    return with_folders(Entry(name, kind) for name, kind in names)


def with_folders(entries: Iterable[Entry]) -> Tree:
    """Return the tree of these entries and of the folders that they lie in."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.path] = entry
        folder = entry.path.rpartition("/")[0]
        while folder and folder not in found:
            found[folder] = Entry(folder, Kind.DIRECTORY)
            folder = folder.rpartition("/")[0]
    return Tree(tuple(found[path] for path in sorted(found)))


def component_finder(tree: Tree, packs: Iterable[Pack]) -> ComponentFinder:
    """Return what names the component of every path of a tree."""
    bare = tuple(replace(pack, components=(), always=()) for pack in packs)
    placed = mounts(find_roots(tree, bare), Ruleset(bare, frozenset()))
    kinds = frozenset(pack.name for pack in bare if pack.detect != ANYWHERE)
    return ComponentFinder(placed, kinds)


def unit_of(name: str) -> str:
    """Return a folder's or file's name as a unit: without version, and without its ending."""
    plain = _ENDS.sub("", name)
    return without_version(plain) or name


def without_version(name: str) -> str:
    """Return a folder's or file's name without the version that it ends in, if it has one."""
    return _VERSION.sub("", name) or name


def _scope(folder: str) -> str:
    """Return what stands before a package's name where npm's scope is part of it: ``@aws-sdk/``."""
    name = folder.rpartition("/")[2]
    return f"{name}/" if name.startswith("@") else ""


class ComponentFinder:
    """Names the component of each path, each folder looked at once."""

    def __init__(self, placed: Sequence[Mount], kinds: frozenset[str]):
        """Take the mounts, and the names of the packs that know a kind of tree by its content."""
        self._placed = tuple(mount for mount in placed if mount.pack != USER)
        self._kinds = tuple(mount for mount in self._placed if mount.pack in kinds)
        self._folders: dict[str, str | None] = {"": None}

    def __call__(self, path: str) -> str:
        """Return the component of a path of the tree."""
        folder, _, name = path.rpartition("/")
        return self._folder(folder) or self._file(path, name) or self._rest(path)

    def _folder(self, folder: str) -> str | None:
        unknown = []
        while folder not in self._folders:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        found = self._folders[folder]
        for below in reversed(unknown):
            if found is None:
                above, _, name = below.rpartition("/")
                pack = next((m.pack for m in self._placed if m.is_group(below, name)), None)
                found = f"{pack}/{_scope(above)}{unit_of(name)}" if pack else None
            self._folders[below] = found
        return found

    def _file(self, path: str, name: str) -> str | None:
        pack = next((m.pack for m in self._placed if m.is_group_file(path, name)), None)
        return f"{pack}/{unit_of(name)}" if pack else None

    def _rest(self, path: str) -> str:
        """Return the component of what no pack sums up by a folder or file of its own."""
        mount = self._innermost(path)
        pack, inside = (mount.pack, mount.inside(path)) if mount else (OTHER, path)
        first, slash, _ = inside.partition("/")
        return f"{pack}/{unit_of(first) if slash else ROOT}"

    def _innermost(self, path: str) -> Mount | None:
        """Return the mount of the kind of tree that a path lies in, the innermost."""
        return next((m for m in reversed(self._kinds) if m.holds(path)), None)
