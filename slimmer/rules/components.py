"""Components of what ships: the application or package that a path belongs to.

Every path belongs to exactly one, ``PACK/UNIT``: the unit is the outermost folder or file on
the way to it that a pack sums up by (``groups``), without version, so that a new version of
a library is the same component. What no pack knows is ``other/FOLDER``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from slimmer.model.tree import Tree
from slimmer.paths import folder_of, name_of
from slimmer.rules.engine import USER, PackRoot, Ruleset, find_roots, place_packs
from slimmer.rules.packs import Pack

T = TypeVar("T")

OTHER = "other"
ANYWHERE = (".",)  # what a pack detects that speaks of any tree
ROOT = "root"  # the unit of the files that lie in no folder of their own

_ENDS = re.compile(r"\.(dist-info|egg-info|libs|py|jar|war|so)$")
_TAG = re.compile(r"\.(?:abi3|cpython|cp|pypy)")  # of an extension module's Python
_VERSION = re.compile(
    r"-v?\d+([._+][\w.+]*)?(-(SNAPSHOT|RELEASE|FINAL|(alpha|beta|rc)\d*))?"
    r"(?=\.(dist-info|egg-info|jar|war)$|$)"
)


def component_finder(tree: Tree, packs: Iterable[Pack]) -> ComponentFinder:
    """Return what names the component of every path of a tree."""
    bare = tuple(pack._replace(components=(), always=()) for pack in packs)
    pack_roots = place_packs(find_roots(tree, bare), Ruleset(bare, frozenset()))
    kinds = frozenset(pack.name for pack in bare if pack.detect != ANYWHERE)
    return ComponentFinder(pack_roots, kinds)


def unit_of(name: str) -> str:
    """Return a folder's or file's name as a unit: without version, and without its ending."""
    plain = _ENDS.sub("", name)
    tag = _TAG.search(plain) if name.endswith(".so") else None
    plain = plain[: tag.start()] if tag else plain
    return without_version(plain) or name


def without_version(name: str) -> str:
    """Return a folder's or file's name without the version that it ends in, if it has one."""
    return _VERSION.sub("", name) or name


def _named(pack_root: PackRoot, folder: str) -> str:
    above, _, name = folder.rpartition("/")
    return f"{pack_root.pack}/{_scope(above)}{unit_of(name)}"


def _scope(folder: str) -> str:
    """Return what stands before a package's name where npm's scope is part of it: ``@aws-sdk/``."""
    name = name_of(folder)
    return f"{name}/" if name.startswith("@") else ""


class GroupFinder(Generic[T]):
    """Finds what a pack sums a folder up by: the outermost of its groups on the way to it.

    Each folder is looked at once, and ``label`` makes of each group what it is known by.
    """

    def __init__(self, pack_roots: Sequence[PackRoot], label: Callable[[PackRoot, str], T]):
        self._pack_roots = pack_roots
        self._label = label
        self._known: dict[str, T | None] = {"": None}

    def __call__(self, folder: str) -> T | None:
        """Return the label of the group that a folder of the tree belongs to, if to any."""
        unknown = []
        while folder not in self._known:
            unknown.append(folder)
            folder = folder_of(folder)
        found = self._known[folder]
        for below in reversed(unknown):
            found = self._own(below) if found is None else found
            self._known[below] = found
        return found

    def _own(self, folder: str) -> T | None:
        name = name_of(folder)
        root = next((m for m in self._pack_roots if m.is_group(folder, name)), None)
        return self._label(root, folder) if root else None


class ComponentFinder:
    """Names the component of each path, each folder looked at once."""

    def __init__(self, pack_roots: Sequence[PackRoot], kinds: frozenset[str]):
        """Take the pack roots, and the names of packs that know a kind of tree by its content."""
        self._pack_roots = tuple(pack_root for pack_root in pack_roots if pack_root.pack != USER)
        self._kinds = tuple(pack_root for pack_root in self._pack_roots if pack_root.pack in kinds)
        self._group = GroupFinder(self._pack_roots, _named)

    def __call__(self, path: str) -> str:
        """Return the component of a path of the tree."""
        folder, _, name = path.rpartition("/")
        return self._group(folder) or self._file(path, name) or self._rest(path)

    def _file(self, path: str, name: str) -> str | None:
        pack = next((m.pack for m in self._pack_roots if m.is_group_file(path, name)), None)
        return f"{pack}/{unit_of(name)}" if pack else None

    def _rest(self, path: str) -> str:
        """Return the component of what no pack sums up by a folder or file of its own."""
        pack_root = self._innermost(path)
        pack, inside = (pack_root.pack, pack_root.inside(path)) if pack_root else (OTHER, path)
        first, slash, _ = inside.partition("/")
        return f"{pack}/{unit_of(first) if slash else ROOT}"

    def _innermost(self, path: str) -> PackRoot | None:
        """Return the mount of the kind of tree that a path lies in, the innermost."""
        return next((m for m in reversed(self._kinds) if m.holds(path)), None)
