"""Links: those that lose what they lead to, and which identical files may become one file.

Everything here is decided on paths and digests; a link is never followed on a disk.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Hashable, Iterable, Mapping

from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.model.tree_links import Trail, check_inside, follow
from slimmer.paths import folder_of, name_of, parents
from slimmer.rules.engine import PackRoot

LARGE_BYTES = 1 << 20
MIN_LINKED_BYTES = 256  # below this a link saves nothing over a small deflated member
_SHARED_LIBRARY = re.compile(r"(.+\.so)((?:\.\d+)*)")
# The loader takes two links to one file for one library: two modules would share their state.
_PYTHON_MODULE = re.compile(r".+\.(?:cpython-|pypy|graalpy|abi)\d[^/.]*\.so")


_MOUNTED = ("proc/", "sys/", "dev/", "run/")


def drop_dangling(
    tree: Tree, verdicts: Mapping[str, Verdict]
) -> tuple[dict[str, Verdict], list[str]]:
    """Return the verdicts with the links to dropped things dropped as well.

    Such a link carries the rule that dropped its target, or a link on the way there. A
    link that the user keeps by name stays. The second value lists the kept links that lead
    to nothing. Raises InputError when a kept link leaves the tree or goes in a circle.
    """
    now = dict(verdicts)
    links = [entry for entry in tree.links if now[entry.path].kept]
    check_inside(tree, links)
    trails = {entry.path: follow(tree, entry) for entry in links}
    present = _present(tree, now) if links else set()
    dangling: list[str] = []
    changed = True
    while changed:  # a link that is dropped may have been on the way of another
        gone = {path: _dropper(tree, now, present, trail) for path, trail in trails.items()}
        drops = {path: rule for path, rule in gone.items() if rule and not now[path].kept_by_user}
        for path, rule in drops.items():
            now[path] = Verdict(Action.DROP, rule)
            del trails[path]
        dangling = [path for path, trail in trails.items() if gone[path] or trail.end is None]
        changed = bool(drops)
    return now, dangling


def is_of_system(link: Entry) -> bool:
    """Return whether a link leads to what an engine mounts when a container starts."""
    target = posixpath.normpath(posixpath.join(folder_of(link.path), link.target))
    return target.startswith(_MOUNTED)


def _dropper(
    tree: Tree, verdicts: Mapping[str, Verdict], present: set[str], trail: Trail
) -> Rule | None:
    """Return the rule because of which a link leads nowhere; None while it leads somewhere."""
    for path in trail.over[1:]:
        if verdicts[path].dropped:
            return verdicts[path].rule
    for place in (*trail.through, trail.end):
        if place and place not in present:
            return next(
                (
                    verdicts[entry.path].rule
                    for entry in tree.below(place)
                    if verdicts[entry.path].dropped
                ),
                None,
            )
    return None


def _present(tree: Tree, verdicts: Mapping[str, Verdict]) -> set[str]:
    """Return the paths that exist once the dropped entries are gone."""
    present: set[str] = set()
    for entry in tree.entries:
        if verdicts[entry.path].kept:
            present.add(entry.path)
            for folder in parents(entry.path):
                if folder in present:
                    break
                present.add(folder)
    return present


def linkable(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    pack_roots: Iterable[PackRoot],
    owners: Mapping[str, str],
    *,
    media: bool = False,
) -> list[Entry]:
    """Return the kept files that may become links to identical ones, in path order.

    These are shared libraries, by their name, the files that a pack calls linkable, and large
    ones of installers that it calls copies; with ``media`` also those that a pack calls media,
    which many servers do not hand out through a link. Programs and modules that look for their
    neighbours by their own place never are, nor are Python's extension modules.
    """
    roots = list(pack_roots)
    found = []
    for entry in tree.entries:
        if entry.kind is not Kind.FILE or entry.size_bytes < MIN_LINKED_BYTES:
            continue
        if verdicts[entry.path].dropped:
            continue
        name = name_of(entry.path)
        if (
            (_SHARED_LIBRARY.fullmatch(name) and not _PYTHON_MODULE.fullmatch(name))
            or any(m.may_link(entry.path, name) for m in roots)
            or (
                entry.size_bytes >= LARGE_BYTES
                and owners[entry.path] != OWN
                and any(m.is_copy(entry.path, name) for m in roots)
            )
            or (media and any(m.is_media(entry.path, name) for m in roots))
        ):
            found.append(entry)
    return found


def same_size(entries: Iterable[Entry]) -> list[Entry]:
    """Return those entries that share their size with another, the only ones worth a digest."""
    by_size: dict[int, list[Entry]] = {}
    for entry in entries:
        by_size.setdefault(entry.size_bytes, []).append(entry)
    return [entry for group in by_size.values() if len(group) > 1 for entry in group]


def link_identical(entries: Iterable[Entry], sameness: Mapping[str, Hashable]) -> dict[str, str]:
    """Return, for each file that becomes a link, the path of the file it links to.

    Files with equal ``sameness`` ship the same bytes with the same mode. Of shared
    libraries the one with the longest version stays a file (``libX.so.1.2.3``); of others
    the first in path order.
    """
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(sameness[entry.path], []).append(entry)
    links = {}
    for group in groups.values():
        real = min(group, key=_realness)
        for entry in group:
            if entry is not real:
                links[entry.path] = real.path
    return links


def _realness(entry: Entry) -> tuple[int, str]:
    version = _SHARED_LIBRARY.fullmatch(name_of(entry.path))
    return (-version[2].count(".") if version else 0, entry.path)
