"""The programs that an image starts, looked for as the kernel and env(1) do, in its tree."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from slimmer.formats.executable import HEAD_BYTES
from slimmer.inputs.image import ImageTree
from slimmer.model.started import Started
from slimmer.model.tree import Kind
from slimmer.model.tree_links import resolve


class Program(NamedTuple):
    """A file of an image: its path in the tree, its permission bits, and how it begins."""

    path: str
    mode: int
    head: bytes


def started(source: ImageTree) -> Started:
    """Return how an image's configuration says that it is started."""
    config = source.config
    command = (*config.entrypoint, *config.command)
    return Started(command, config.environment, config.working_folder or "/")


def working_folder(source: ImageTree) -> str:
    """Return the folder that an image starts in; an absolute path."""
    return posixpath.normpath(posixpath.join("/", source.config.working_folder))


def is_folder(source: ImageTree, path: str) -> bool:
    """Return whether a folder is at a path, over links."""
    end = resolve(source.tree, path.strip("/")).end
    return end == "" or (end is not None and source.tree.by_path[end].kind is Kind.DIRECTORY)


def program(source: ImageTree, name: str) -> Program | None:
    """Return the program of a name or path; None where it is not there."""
    if "/" in name:
        return file(source, posixpath.join(working_folder(source), name))
    found = (file(source, f"/{folder}/{name}") for folder in started(source).search)
    return next((each for each in found if each), None)


def file(source: ImageTree, path: str, most_bytes: int = HEAD_BYTES) -> Program | None:
    """Return the file that a path leads to; None for none."""
    end = resolve(source.tree, path.strip("/")).end
    if not end or source.tree.by_path[end].kind is not Kind.FILE:
        return None
    return Program(end, source.mode(end), source.read_part(end, 0, most_bytes))
