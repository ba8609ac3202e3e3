"""Where the links of a tree lead: decided on paths, never followed on a disk."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.text import printable

_MAX_HOPS = 40  # as many as Linux follows, path_resolution(7)


class Trail(NamedTuple):
    """Where a link leads: over which links, through which folders and back, and to what.

    ``end`` is None where that is nothing in the tree, and empty for the tree itself.
    """

    over: tuple[str, ...]
    through: tuple[str, ...]
    end: str | None


def follow(tree: Tree, link: Entry) -> Trail:
    """Return where a link of the tree leads, ``link`` itself first among those led over.

    Raises InputError when it leaves the tree or goes in a circle.
    """
    parts = [*link.path.split("/")[:-1], *_parts_of(link, link.target)]
    done: list[str] = []
    over, through = [link.path], []
    while parts:
        part = parts.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                raise _leaves(link)
            through.append("/".join(done))
            done.pop()
            continue
        entry = tree.by_path.get("/".join([*done, part]))
        if entry is None:
            _check_stays(link, [*done, part, *parts])
            return Trail(tuple(over), tuple(through), None)
        if entry.kind is Kind.LINK:
            over.append(entry.path)
            if len(over) > _MAX_HOPS:
                raise InputError(
                    f"{printable(link.path)}: the link goes in a circle; drop it with "
                    f"--drop '/{printable(link.path)}'"
                )
            parts = [*_parts_of(link, entry.target), *parts]
        else:
            done.append(part)
    return Trail(tuple(over), tuple(through), "/".join(done))


def _parts_of(link: Entry, target: str) -> list[str]:
    if target.startswith("/"):
        raise _leaves(link)
    return target.split("/")


def _check_stays(link: Entry, parts: Iterable[str]) -> None:
    depth = 0
    for part in parts:
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            raise _leaves(link)


def _leaves(link: Entry) -> InputError:
    return InputError(
        f"{printable(link.path)}: the link to {printable(link.target)} leaves the tree; make it "
        f"relative to something inside, or drop it with --drop '/{printable(link.path)}'"
    )


def relative(path: str, to: str) -> str:
    """Return what a link at ``path`` must say to lead to ``to``."""
    return posixpath.relpath(to, posixpath.dirname(path) or ".")
