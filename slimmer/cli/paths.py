"""Paths that a user gives, and whether files can be written there, before any work is done."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from slimmer.errors import UsageError
from slimmer.text import printable

PATH = click.Path(path_type=Path, readable=False)


def as_utf8(text: str) -> str:
    """Return an argument that names paths of a tree as UTF-8 reads it, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "surrogateescape")


def real_path(path: Path) -> Path:
    """Return where a path leads; unlike a Path's own, this never fails on a circle of links."""
    return Path(os.path.realpath(path))


def check_places(files: Mapping[str, Path], taken: Mapping[str, Path]) -> None:
    """Raise UsageError for a file that could not be written where an option says.

    Neither may two options name the same file, nor one of those that are ``taken``.
    """
    places = {real_path(path): option for option, path in taken.items()}
    for option, path in files.items():
        name, place = printable(str(path)), real_path(path)
        try:
            is_folder, has_folder = place.is_dir(), place.parent.is_dir()
            is_special = place.exists() and not is_folder and not place.is_file()
        except OSError as error:
            raise UsageError(f"{name}: no place for {option} ({error.strerror})") from None
        if is_folder:
            raise UsageError(f"{name}: {option} must name a file, not a folder")
        if is_special:
            raise UsageError(f"{name}: {option} must name a file, not a device or a pipe")
        if not has_folder:
            raise UsageError(f"{name}: the folder for {option} does not exist; make it first")
        if place in places:
            raise UsageError(f"{name}: {places[place]} and {option} name the same file")
        places[place] = option


def check_outside(files: Mapping[str, Path], tree: Path) -> None:
    """Raise UsageError for a file that would be written into a tree that is read."""
    root = real_path(tree)
    for option, path in files.items():
        if real_path(path).is_relative_to(root):
            raise UsageError(
                f"{printable(str(path))}: {option} lies inside the tree, which is never changed; "
                "choose another"
            )
