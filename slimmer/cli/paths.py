"""Paths that a user gives: no output may be an input, nor lie in a tree that is read.

One check holds for all commands. It looks at the roles of a command's parameters, so a command
cannot forget it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from slimmer.config.path_values import Role
from slimmer.errors import UsageError
from slimmer.text import printable


class NamedPath(NamedTuple):
    """A path, the option or argument that names it, and what the command does with it."""

    option: str
    path: Path
    role: Role
    #: Whether an output is a folder.
    is_folder: bool = False


def as_utf8(text: str) -> str:
    """Return an argument that names paths of a tree as UTF-8 reads it, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "surrogateescape")


def real_path(path: Path) -> Path:
    """Return where a path leads; unlike a Path's own, this never fails on a circle of links."""
    return Path(os.path.realpath(path))


def check_paths(paths: Sequence[NamedPath]) -> None:
    """Raise UsageError for an output that cannot be written, or that is another path of the run.

    That holds whatever the spelling: relative, over a link, another name of the same file, or
    another case where the file system does not tell them apart.
    """
    outputs = [named for named in paths if named.role is Role.OUT]
    inputs = [named for named in paths if named.role is Role.IN]
    for number, output in enumerate(outputs):
        name = printable(str(output.path))
        _check_place(output)
        for other in (*inputs, *outputs[:number]):
            if _is_same(output.path, other.path):
                raise UsageError(f"{name}: {other.option} and {output.option} name the same file")
        if any(lies_in(output.path, other.path) for other in inputs):
            raise UsageError(
                f"{name}: {output.option} lies inside the tree, which is never changed; choose "
                f"another, such as {_beside(output, inputs)}"
            )


def _beside(output: NamedPath, inputs: Iterable[NamedPath]) -> str:
    """Return the option with a file of the same name beside the trees that it lies in."""
    place = real_path(output.path)
    roots = (real_path(other.path) for other in inputs if lies_in(place, other.path))
    folder = min((root.parent for root in roots), key=lambda root: len(root.parts))
    return printable(f"{output.option} {os.path.relpath(folder / place.name)}")


def _check_place(output: NamedPath) -> None:
    """Raise UsageError for a file that could not be written where an option says."""
    name, place = printable(str(output.path)), real_path(output.path)
    try:
        is_folder, has_folder = place.is_dir(), place.parent.is_dir()
        is_special = place.exists() and not is_folder and not place.is_file()
    except OSError as error:
        raise UsageError(f"{name}: no place for {output.option} ({error.strerror})") from None
    if output.is_folder and place.exists() and not is_folder:
        raise UsageError(f"{name}: {output.option} must name a folder, and a file is there")
    if is_folder and not output.is_folder:
        raise UsageError(f"{name}: {output.option} must name a file, not a folder")
    if is_special:
        raise UsageError(f"{name}: {output.option} must name a file, not a device or a pipe")
    if not has_folder:
        raise UsageError(f"{name}: the folder for {output.option} does not exist; make it first")


def _is_same(output: Path, other: Path) -> bool:
    one, two = real_path(output), real_path(other)
    if one == two:
        return True
    try:
        return one.samefile(two)
    except OSError:  # one of them is not there yet
        is_one_name = one.name.casefold() == two.name.casefold()
        return is_one_name and _same_file(one.parent, two.parent) and _folds_case(one.parent)


def lies_in(output: Path, tree: Path) -> bool:
    """Return whether a file would lie in a tree that is a folder."""
    root = real_path(tree)
    if not _is_folder(root):
        return False
    return any(_same_file(folder, root) for folder in real_path(output).parents)


def _same_file(one: Path, two: Path) -> bool:
    try:
        return one == two or one.samefile(two)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _folds_case(folder: Path) -> bool:
    """Return whether a folder's file system takes two names that differ in case for one."""
    return any(
        _same_file(path, path.with_name(path.name.swapcase())) for path in _with_letters(folder)
    )


def _with_letters(folder: Path) -> Iterator[Path]:
    """Yield the first folder, this one or one above on its file system, whose name has letters."""
    device = folder.stat().st_dev
    lineage: Iterable[Path] = (folder, *folder.parents)
    for path in lineage:
        if path.stat().st_dev != device:
            return
        if path.name.swapcase() != path.name:
            yield path
            return
