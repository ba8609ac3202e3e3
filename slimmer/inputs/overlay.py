"""Several trees as one: laid over one another in order, where a later one wins.

Nothing is copied: each path is read from the tree that has it last. A path that is a folder in one
and something else in another is refused, since what lies below it could not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, UsageError
from slimmer.inputs.base import Source
from slimmer.inputs.folder import Folder
from slimmer.inputs.generated import MODULES, Inside, generated_in, local_in
from slimmer.inputs.open import open_source
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.sizes import count_text
from slimmer.text import and_more, printable

#: What of an archive's node_modules was generated, as no record of npm tells it.
_GENERATED = ("node_modules/.prisma",)


class Layered(NamedTuple):
    """One of several trees."""

    #: Its path, as it was given; empty for what was installed, or generated beside a lock file.
    name: str
    source: Source
    #: The folder that stays out; empty for none.
    without: str = ""
    #: Folders that come all the same: what was generated there, or is the user's own.
    but: tuple[str, ...] = ()
    #: Whether these are the user's own, so that it is told where another tree has the same.
    is_own: bool = False
    #: What is said of it, where no one named it.
    told: Finding | None = None

    def leaves_out(self, path: str) -> bool:
        """Return whether a path, with a slash, stays out."""
        is_in = bool(self.without) and path.startswith(f"{self.without}/")
        above = any(f"{folder}/".startswith(path) for folder in self.but)
        return is_in and not above and not self._comes_along(path)

    def was_generated(self, path: str) -> bool:
        """Return whether a path is what a generator wrote there, in place of a package's stub."""
        return not self.is_own and self._comes_along(path)

    def _comes_along(self, path: str) -> bool:
        return path.startswith(tuple(f"{folder}/" for folder in self.but))


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
        found += [tree.told for tree in self._trees if tree.told]
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
    lock: Path | None = None,
    is_root: bool = False,
) -> Source | Overlay:
    """Return one tree, or several laid over one another in order. Raises InputError.

    What was ``installed`` lies below all others. Where that came from ``lock``, a lock file of npm,
    the node_modules of the others stays out: it holds what a developer's machine has of the same.
    What was generated in there, or beside the lock file, comes. ``arch`` is the processor of
    images. ``is_root`` says that the one path is the root of an image; raises UsageError for
    several.
    """
    if is_root:
        from slimmer.inputs.rootfs import open_rootfs  # noqa: PLC0415 - what few trees need

        if len(paths) + len(installed) != 1:
            raise UsageError("--rootfs is of one folder; name that alone")
        return open_rootfs(paths[0])
    below = [Layered("", open_source(path)) for path in installed]
    if lock is None:
        trees = [Layered(str(path), open_source(path, arch)) for path in paths]
    else:
        below += _beside(lock, paths, installed)
        trees = [
            Layered(str(path), open_source(path, arch), MODULES, _generated(path, lock))
            for path in paths
        ]
    if len(below) + len(trees) == 1 and lock is None:
        return (*below, *trees)[0].source
    return Overlay([*below, *trees])


def _generated(path: Path, lock: Path) -> tuple[str, ...]:
    return generated_in(path, lock) if path.is_dir() else _GENERATED


def _beside(lock: Path, trees: Sequence[Path], installed: Sequence[Path]) -> list[Layered]:
    """Return what no package brings, and the code of a project finds from any folder below.

    That is what was generated in the node_modules beside a lock file, where that is in no tree, and
    the packages of the project's own, but for one that has a tree.
    """
    folder = lock.parent
    folders = [path.resolve() for path in trees if path.is_dir()]
    is_tree = folder.resolve() in folders
    made = {} if is_tree else {name: folder / name for name in generated_in(folder, lock)}
    local: dict[str, Path] = {}
    with_tree: dict[str, Path] = {}
    for name, place in local_in(lock).items():
        has_tree = any(tree.is_relative_to(place.resolve()) for tree in folders)
        (with_tree if has_tree else local)[name] = place
    beside = f"beside {printable(str(lock))}, since no package brings it"
    places = ", ".join(printable(str(place)) for place in local.values())
    return [
        *_laid(made, finding("generated-code", f"{_ship(made)} {beside}")),
        *_laid(local, finding("local-packages", f"{_ship(local)} in {places}, which npm links to")),
        *_other_versions(with_tree, installed),
    ]


def _other_versions(local: Mapping[str, Path], installed: Sequence[Path]) -> Iterator[Layered]:
    """Yield a warning where a package of the project's own that is the tree has packages for it.

    npm puts them below that package, as the rest of the project needs others of their names.
    """
    for name, place in local.items():
        names = [path.name for f in installed for path in sorted((f / name / MODULES).glob("*"))]
        if names:
            told = finding(
                "local-packages",
                f"{printable(str(place))} needs other versions of {and_more(names)} than its zip "
                "has in node_modules, as the rest of the project does; give it a lock file of its "
                "own",
                severity=Severity.WARN,
            )
            yield Layered("", Inside({}), told=told)


def _laid(folders: Mapping[str, Path], told: Finding) -> list[Layered]:
    """Return folders at their places in a tree, with what is said of them; none of none."""
    source = Inside({name: open_source(place) for name, place in folders.items()})
    return [Layered("", source, but=tuple(folders), told=told)] if folders else []


def _ship(folders: Mapping[str, Path]) -> str:
    ships = "ships as it lies" if len(folders) == 1 else "ship as they lie"
    return f"{', '.join(map(printable, folders))} {ships}"
