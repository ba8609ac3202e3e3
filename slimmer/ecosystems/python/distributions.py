"""The distributions in a tree: their folders of metadata, and what programs read there by name.

Source: PyPA specifications, "Recording installed projects", "Entry points" and, for how names
are compared, "Names and normalization".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from slimmer.formats.python.metadata import normal_name
from slimmer.formats.python.requirements import required
from slimmer.formats.python.tokens import FIRST, WORD
from slimmer.model.tree import Kind, Tree

_ENDS = (".dist-info/METADATA", ".egg-info/PKG-INFO")
_DOTTED = re.compile(rf"{FIRST}(?:{WORD}|\.)*")
_SETUPTOOLS = ("setuptools", "_distutils_hack", "pkg_resources")
_PYTEST = ("pytest", "_pytest")
PRIVATE = "_pytest"  # what only pytest itself, and what it has loaded, has a reason to import
_HOSTS = {  # who alone loads what a group of entry points names
    "pytest11": _PYTEST,
    "distutils.commands": _SETUPTOOLS,
    "distutils.setup_keywords": _SETUPTOOLS,
    "egg_info.writers": _SETUPTOOLS,
    "setuptools.finalize_distribution_options": _SETUPTOOLS,
}
SCRIPTS = ("console_scripts", "gui_scripts")  # only the programs in bin/ load what these name


class Point(NamedTuple):
    """An entry point: its file, the METADATA beside it, its group, its module and its name."""

    path: str
    metadata: str
    group: str
    module: str
    name: str = ""


class Distributions:
    """The metadata of one tree; ``holders`` are the folders that distributions lie in."""

    def __init__(self, tree: Tree, read: Callable[[str], bytes]) -> None:
        self._tree = tree
        self._read = read
        self._by_name: dict[str, list[str]] = {}
        self._points: tuple[Point, ...] | None = None
        holders = dict[str, None]()
        for entry in tree.ending_in(*_ENDS):
            folder, _, info = posixpath.dirname(entry.path).rpartition("/")
            holders[folder] = None
            self._by_name.setdefault(_name_of(info), []).append(entry.path)
        self.holders = tuple(holders)

    @property
    def files(self) -> Iterator[str]:
        """Yield each METADATA, or PKG-INFO, and each entry_points.txt."""
        for paths in self._by_name.values():
            for path in paths:
                yield path
                if points := self._beside(path):
                    yield points

    def metadata(self, name: str) -> tuple[str, ...]:
        """Return the METADATA of a distribution: more than one, if it is there twice."""
        return tuple(self._by_name.get(normal_name(name), ()))

    def others(self, path: str) -> list[str]:
        """Return the METADATA of a file's distribution that lie in other folders than the file."""
        info = posixpath.dirname(path)
        same = self._by_name.get(_name_of(posixpath.basename(info)), ())
        return [other for other in same if posixpath.dirname(other) != info]

    def points(self) -> tuple[Point, ...]:
        """Return all entry points of the tree; each file is read once."""
        if self._points is None:
            self._points = tuple(self._read_points())
        return self._points

    def guests(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each module that only certain programs load, and the top modules of these."""
        yield "py", _PYTEST  # pytest's own stand-in for the library of that name
        for point in self.points():
            if hosts := _HOSTS.get(point.group):
                yield point.module, hosts

    def plugins(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the METADATA of each plugin of certain programs, and the modules of these."""
        for point in self.points():
            if hosts := _HOSTS.get(point.group):
                yield point.metadata, hosts

    def plugged(self) -> Iterator[str]:
        """Yield the top module of each plugin of pytest that can be installed without pytest."""
        for point in self.points():
            if point.group == "pytest11" and "pytest" not in required(self._read(point.metadata)):
                yield point.module.partition(".")[0]

    def _read_points(self) -> Iterator[Point]:
        for paths in self._by_name.values():
            for metadata in paths:
                if path := self._beside(metadata):
                    for group, module, name in _entries(self._read(path)):
                        yield Point(path, metadata, group, module, name)

    def _beside(self, metadata: str) -> str:
        path = posixpath.join(posixpath.dirname(metadata), "entry_points.txt")
        entry = self._tree.by_path.get(path)
        return path if entry is not None and entry.kind is Kind.FILE else ""


def _name_of(info: str) -> str:
    """Return the distribution that a folder of metadata is called after."""
    return normal_name(info.rpartition(".")[0].partition("-")[0])


def _entries(text: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield the group, the module and the name of each entry point."""
    group = ""
    for line in map(str.strip, text.decode("utf-8", "replace").splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif found := _DOTTED.match(line.partition("=")[2].lstrip()):
            yield group, found[0], line.partition("=")[0].strip()
