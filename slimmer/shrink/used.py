"""From what processes named to what of the artifact was used: decided on values."""

from __future__ import annotations

from collections.abc import Iterable

from slimmer.model.tree import Kind, Tree
from slimmer.model.tree_links import resolve
from slimmer.verify.trace.syscalls import Access
from slimmer.verify.trace.syscalls import Kind as Call


def opened_in(accesses: Iterable[Access]) -> frozenset[Access]:
    """Return what was opened or run, without what processes only looked for."""
    return frozenset(access for access in accesses if access.kind is not Call.LOOK)


def used_paths(tree: Tree, place: str, accesses: Iterable[Access]) -> frozenset[str]:
    """Return the files of a tree, unpacked at ``place``, that were used, and the links to them.

    A file that a process only looks for counts as used: what is asked for may be missed. A folder
    that is listed says nothing of what lies in it.
    """
    used: set[str] = set()
    for path in {access.path for access in accesses}:
        if not path.startswith(place + "/"):
            continue
        trail = resolve(tree, path[len(place) + 1 :])
        used.update(trail.over)
        entry = tree.by_path.get(trail.end) if trail.end else None
        if entry is not None and entry.kind is not Kind.DIRECTORY:
            used.add(entry.path)
    return frozenset(used)
