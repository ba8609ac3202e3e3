"""Where the links of a tree lead: decided on paths, never followed on a disk."""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of
from slimmer.text import printable

_DEV_MODE = re.compile(  # an application with its version, Erlang, or a release's configuration
    r"(?P<root>.+/)?(?:lib/[a-z][\w]*-[^/]+|erts-[^/]+|releases/[^/]+/[^/]+)"
)
MAX_HOPS = 40  # as many links as Linux follows, path_resolution(7)


class Trail(NamedTuple):
    """Where a path leads: over which links, through which folders and back, and to what.

    ``end`` is None where that is nothing in the tree, and empty for the tree itself.
    """

    over: tuple[str, ...]
    through: tuple[str, ...]
    end: str | None


class _Stop(enum.Enum):
    """Why a walk ended."""

    THERE = enum.auto()
    MISSING = enum.auto()
    OUTSIDE = enum.auto()
    CIRCLE = enum.auto()


def resolve(tree: Tree, path: str) -> Trail:
    """Return where a path leads, over all links on its way.

    One that leaves the tree, even to come back, or that goes in a circle leads to nothing.
    """
    return _walk(tree, path)[0]


def follow(tree: Tree, link: Entry) -> Trail:
    """Return where a link of the tree leads, ``link`` itself first among those led over.

    Raises InputError when it leaves the tree or goes in a circle.
    """
    check_inside(tree, [link])
    trail, stop, _ = _walk(tree, link.path)
    if stop is _Stop.CIRCLE:
        raise InputError(
            f"{printable(link.path)}: the link goes in a circle; drop it with "
            f"--drop '/{printable(link.path)}'"
        )
    return trail


def check_inside(tree: Tree, links: Iterable[Entry]) -> None:
    """Raise InputError when links leave the tree; it names them all."""
    out = [link for link in links if _leaves(tree, link)]
    if not out:
        return
    names = [printable(link.path) for link in out]
    if len(out) == 1:
        what = f"{names[0]}: the link to {printable(out[0].target)} leaves the tree"
    else:
        ways = ", ".join(f"{n} to {printable(e.target)}" for n, e in zip(names, out, strict=True))
        what = f"{len(out):,} links leave the tree: {ways}"
    drops = " ".join(f"--drop '/{name}'" for name in names)
    if any(_is_of_dev_mode(tree, link) for link in out):
        advice = f"set {{dev_mode, false}} for relx's release, or drop what it linked with {drops}"
    else:
        each = "it" if len(out) == 1 else "each"
        advice = f"make {each} relative to something inside, or drop {each} with {drops}"
    raise InputError(f"{what}; {advice}")


def _leaves(tree: Tree, link: Entry) -> bool:
    _, stop, ahead = _walk(tree, link.path)
    return stop is _Stop.OUTSIDE or (stop is _Stop.MISSING and _climbs_out(ahead))


def _is_of_dev_mode(tree: Tree, link: Entry) -> bool:
    """Return whether relx makes such a link in a release under development."""
    found = _DEV_MODE.fullmatch(link.path) if link.target.startswith("/") else None
    return found is not None and f"{found['root'] or ''}releases" in tree.by_path


def _walk(tree: Tree, path: str) -> tuple[Trail, _Stop, list[str]]:
    """Return where a path leads, why the walk ended, and the parts of what is missing."""
    ahead = path.split("/")
    done: list[str] = []
    over: list[str] = []
    through: list[str] = []
    stop = _Stop.THERE
    while ahead and stop is _Stop.THERE:
        part = ahead.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            if done:
                through.append("/".join(done))
                done.pop()
            else:
                stop = _Stop.OUTSIDE
            continue
        done.append(part)
        entry = tree.by_path.get("/".join(done))
        if entry is None:
            stop = _Stop.MISSING
        elif entry.kind is Kind.LINK:
            done.pop()
            over.append(entry.path)
            ahead = [*entry.target.split("/"), *ahead]
            if len(over) > MAX_HOPS:
                stop = _Stop.CIRCLE
            elif entry.target.startswith("/"):
                stop = _Stop.OUTSIDE
    end = "/".join(done) if stop is _Stop.THERE else None
    return Trail(tuple(over), tuple(through), end), stop, [*done, *ahead]


def _climbs_out(parts: Iterable[str]) -> bool:
    depth = 0
    for part in parts:
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return True
    return False


def relative(path: str, to: str) -> str:
    """Return what a link at ``path`` must say to lead to ``to``."""
    return posixpath.relpath(to, folder_of(path) or ".")
