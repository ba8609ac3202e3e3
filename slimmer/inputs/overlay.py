"""Several trees as one: laid over one another in order, where a later one wins.

Nothing is copied: each path is read from the tree that has it last. A path that is a folder in one
and something else in another is refused, since what lies below it could not be.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, UsageError
from slimmer.inputs.base import Source
from slimmer.inputs.folder import Folder
from slimmer.inputs.open import open_source
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.sizes import count_text
from slimmer.text import and_more, printable

#: What generators write into node_modules, such as the client of Prisma.
_GENERATED = "node_modules/.prisma/"


class Layered(NamedTuple):
    """One of several trees."""

    #: Its path, as it was given; empty for what was installed.
    name: str
    source: Source
    #: The folder that stays out; empty for none.
    without: str = ""
    #: What in that folder comes all the same: folders, each with its slash.
    but: tuple[str, ...] = ()

    def leaves_out(self, path: str) -> bool:
        """Return whether a path, with a slash, stays out."""
        is_in = bool(self.without) and path.startswith(f"{self.without}/")
        return is_in and not path.startswith(self.but)

    def was_generated(self, path: str) -> bool:
        """Return whether a path is what a generator wrote there, in place of a package's stub."""
        return _GENERATED in self.but and path.startswith(_GENERATED)


class _Meeting(NamedTuple):
    """A path that two trees have, which is no folder."""

    path: str
    winner: Layered
    loser: Layered


class Overlay:
    """Several trees, which read as one."""

    def __init__(self, trees: Sequence[Layered]) -> None:
        self._trees = tuple(trees)
        self._meetings: list[_Meeting] = []
        self._left_out: dict[str, int] = {}
        self._places: dict[str, Layered] = {}
        entries: dict[str, Entry] = {}
        for tree in trees:
            self._lay(tree, entries)
        self.tree = Tree(tuple(entries[path] for path in sorted(entries)))

    @property
    def root(self) -> Path | None:
        """The folder that was named first; None where it is in an archive."""
        named = next((tree.source for tree in self._trees if tree.name), None)
        return named.root if isinstance(named, Folder) else None

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError."""
        return self._places[path].source.read(path)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises InputError."""
        return self._places[path].source.read_part(path, start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        return self._places[path].source.mtime_ns(path)

    def source_of(self, path: str) -> Source:
        """Return the tree that a path is read from."""
        return self._places[path].source

    def findings(self) -> list[Finding]:
        """Return what there is to say of paths that several trees have. Raises InputError."""
        found = [
            finding(
                "left-out",
                f"{printable(name)}: {count_text(count, 'file')} left out, as what was installed "
                "for Lambda ships instead",
            )
            for name, count in self._left_out.items()
            if count
        ]
        differ = [each for each in self._meetings if not _is_alike(each)]
        alike = [each.path for each in self._meetings if each not in differ]
        if differ:
            winners = ", ".join(dict.fromkeys(printable(met.winner.name) for met in differ))
            paths = and_more([met.path for met in differ])
            message = f"{paths}: in more than one tree, and different; that in {winners} ships"
            found.append(finding("trees-meet", f"{message}, as the later one wins"))
        if alike:
            message = f"{and_more(alike)}: in more than one tree, and the same"
            found.append(finding("trees-alike", message))
        return found

    def _lay(self, tree: Layered, entries: dict[str, Entry]) -> None:
        for entry in tree.source.tree.entries:
            is_folder = entry.kind is Kind.DIRECTORY
            if tree.leaves_out(f"{entry.path}/"):
                name = f"{tree.name}/{tree.without}"
                self._left_out[name] = self._left_out.get(name, 0) + (not is_folder)
                continue
            before = entries.get(entry.path)
            if before is not None and is_folder != (before.kind is Kind.DIRECTORY):
                raise InputError(
                    f"{printable(entry.path)}: a folder in one tree and none in another; rename one"
                )
            if before is not None and not is_folder and not tree.was_generated(entry.path):
                self._meetings.append(_Meeting(entry.path, tree, self._places[entry.path]))
            entries[entry.path] = entry
            self._places[entry.path] = tree


def _is_alike(met: _Meeting) -> bool:
    one, two = met.winner.source, met.loser.source
    first, second = one.tree.by_path[met.path], two.tree.by_path[met.path]
    if first != second or first.kind is not Kind.FILE:
        return first == second
    return one.read(met.path) == two.read(met.path)


def open_all(
    paths: Sequence[Path],
    installed: Sequence[Path] = (),
    arch: str = "",
    *,
    without: str = "",
    is_root: bool = False,
) -> Source | Overlay:
    """Return one tree, or several laid over one another in order. Raises InputError.

    What was ``installed`` lies below all others, of which the folder ``without`` at their top stays
    out: it holds what a developer's machine has of the same, beside what a generator wrote there,
    which no package brings. ``arch`` is the processor of images. ``is_root`` says that the one path
    is the root of an image; raises UsageError for several.
    """
    if is_root:
        from slimmer.inputs.rootfs import open_rootfs  # noqa: PLC0415 - what few trees need

        if len(paths) + len(installed) != 1:
            raise UsageError("--rootfs is of one folder; name that alone")
        return open_rootfs(paths[0])
    below = [Layered("", open_source(path)) for path in installed]
    made = (_GENERATED,) if without else ()
    trees = [Layered(str(path), open_source(path, arch), without, made) for path in paths]
    if len(below) + len(trees) == 1 and not without:
        return (*below, *trees)[0].source
    return Overlay([*below, *trees])
