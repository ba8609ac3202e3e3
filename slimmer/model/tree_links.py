"""Where the links of a tree lead: decided on paths, never followed on a disk."""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import folder_of
from slimmer.text import printable

_DEV_MODE = re.compile(  # an application with its version, Erlang, or a release's configuration
    r"(?P<root>.+/)?(?:lib/[a-z][\w]*-[^/]+|erts-[^/]+|releases/[^/]+/[^/]+)"
)
MAX_HOPS = 40  # as many links as Linux follows, path_resolution(7)
_MAX_STEPS = 1_000_000  # over all links together: hostile ones go round for ever
_SHOWN = 5  # links that leave the tree; a virtual environment may have hundreds


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
    trail, stop = _walk(tree, link.path)
    if stop is _Stop.CIRCLE:
        raise InputError(
            f"{printable(link.path)}: the link goes in a circle; drop it with "
            f"--drop '/{printable(link.path)}'"
        )
    return trail


def check_inside(tree: Tree, links: Iterable[Entry]) -> None:
    """Raise InputError when links leave the tree; it counts them all and names the first."""
    targets = {link.path: link.target for link in tree.links}
    wanted = {link.path: link for link in links}
    out = [wanted[path] for path in leading_out(targets, wanted)]
    if not out:
        return
    names = [printable(link.path) for link in out[:_SHOWN]]
    more = len(out) - len(names)
    if len(out) == 1:
        what = f"{names[0]}: the link to {printable(out[0].target)} leaves the tree"
    else:
        ways = ", ".join(f"{n} to {printable(e.target)}" for n, e in zip(names, out, strict=False))
        ways += f" and {more:,} more" if more else ""
        what = f"{len(out):,} links leave the tree: {ways}"
    drops = " ".join(f"--drop '/{name}'" for name in names) + (" and so on" if more else "")
    if any(_is_of_dev_mode(tree, link) for link in out):
        advice = f"set {{dev_mode, false}} for relx's release, or drop what it linked with {drops}"
    else:
        each = "it" if len(out) == 1 else "each"
        advice = f"make {each} relative to something inside, or drop {each} with {drops}"
    raise InputError(f"{what}; {advice}")


def leading_out(
    links: Mapping[str, str], wanted: Iterable[str], place: str | None = None
) -> Iterator[str]:
    """Yield those of the wanted links that lead out of their folder, over other links too.

    ``links`` are the targets of all links by their paths. With ``place`` it is known where the
    folder will lie, and an absolute target may lead back into it. What the kernel would not
    follow leads nowhere.
    """
    steps = [_MAX_STEPS]
    return (path for path in wanted if _leads_out(path, links, place, steps))


def _leads_out(path: str, links: Mapping[str, str], place: str | None, steps: list[int]) -> bool:
    """Return whether a link leads out, resolved part by part as the kernel does."""
    here: list[str] = path.split("/")[:-1]
    ahead = _parts(links[path], here, place)
    hops = 0
    while ahead is not None and ahead:
        steps[0] -= 1
        part = ahead.pop()
        if part == "..":
            if not here:
                return True
            here.pop()
            continue
        here.append(part)
        target = links.get("/".join(here))
        if target is not None:
            here.pop()
            hops += 1
            further = _parts(target, here, place)
            ahead = None if further is None else [*ahead, *further]
        if hops > MAX_HOPS:
            return False  # the kernel follows it no further, and nowhere out
        if steps[0] < 0:
            return True  # not known within the bound
    return ahead is None


def _parts(target: str, here: list[str], place: str | None) -> list[str] | None:
    """Return the parts of a target, last first; None when it is absolute and elsewhere."""
    if target.startswith("/"):
        inside = posixpath.normpath("/" + target.lstrip("/"))
        if place is None or not (inside + "/").startswith(place + "/"):
            return None
        here.clear()
        target = inside[len(place) :]
    return [part for part in reversed(target.split("/")) if part not in ("", ".")]


def _is_of_dev_mode(tree: Tree, link: Entry) -> bool:
    """Return whether relx makes such a link in a release under development."""
    found = _DEV_MODE.fullmatch(link.path) if link.target.startswith("/") else None
    return found is not None and f"{found['root'] or ''}releases" in tree.by_path


def _walk(tree: Tree, path: str) -> tuple[Trail, _Stop]:
    """Return where a path leads, and why the walk ended."""
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
    return Trail(tuple(over), tuple(through), end), stop


def relative(path: str, to: str) -> str:
    """Return what a link at ``path`` must say to lead to ``to``."""
    return posixpath.relpath(to, folder_of(path) or ".")
