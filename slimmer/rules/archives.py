"""Rules inside archives: what a pack drops from a .jar as if it were a folder.

Only patterns that name an archive on their way (``*.jar/META-INF/maven/``) speak of what is
inside one: no guard looks in there, so nothing else may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from slimmer.formats.zip import ARCHIVES
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import parents
from slimmer.rules.engine import PackRoot, decide
from slimmer.rules.evidence.judge import Judge

_ENDS = "|".join(re.escape(end) for end in ARCHIVES)
_THROUGH_ARCHIVE = re.compile(rf"(?:{_ENDS})/.")


def drops_inside(
    archive: str, names: Iterable[str], pack_roots: Sequence[PackRoot]
) -> dict[str, str]:
    """Return the members of the archive at a path that rules drop, with their components."""
    paths = {name: f"{archive}/{name.rstrip('/')}" for name in names}
    folders = {folder for path in paths.values() for folder in parents(path)}
    found = {folder: Entry(folder, Kind.DIRECTORY) for folder in folders}
    for name, path in paths.items():
        kind = Kind.DIRECTORY if name.endswith("/") or path in folders else Kind.FILE
        found.setdefault(path, Entry(path, kind))
    tree = Tree(tuple(found[path] for path in sorted(found)))
    verdicts = decide(tree.entries, pack_roots, Judge(tree, _nothing, {}))
    dropped = {}
    for name, path in paths.items():
        rule = verdicts[path].rule
        if verdicts[path].dropped and rule and _THROUGH_ARCHIVE.search(rule.pattern):
            dropped[name] = rule.component
    return dropped


def _nothing(_path: str, _start: int, _size_bytes: int) -> bytes:
    """Return nothing: evidence in an archive is in the names of its members."""
    return b""
