"""Python's bytecode: which of it would be used, and what becomes of the rest.

A .pyc file states the time of its source, and a zip with fixed times makes every such
statement false: Python would compile all anew at each cold start, since Lambda's code
folders are read-only. So what is valid in the tree is shipped in the form that is never
checked (the transform ``pyc``), and what is stale or belongs to nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from slimmer.formats import FormatError, pyc
from slimmer.model import Action, Kind, Rule, Tree, Verdict

MODES = ("keep", "drop")

STALE = Rule(
    "pyc/stale",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Its source is of another time or size, so Python would not use it.",
    "--pyc keep",
)
ORPHAN = Rule(
    "pyc/orphan",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Its source is not shipped, and without it Python does not look into __pycache__.",
    "--pyc keep",
)
UNKNOWN = Rule(
    "pyc/unknown",
    Action.SPARE,
    "**/__pycache__/*.pyc",
    "Whether Python would use it cannot be told, so it stays as it is.",
    "--pyc keep",
)
UNWANTED = Rule(
    "pyc/drop",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "You said so; Python compiles these modules at each cold start.",
    "--pyc drop",
)


class Judgement(NamedTuple):
    """Which kept bytecode is not to be shipped, and which the transform may take.

    That is what Python would use, and what only the transform can say is none.
    """

    drops: dict[str, Verdict]
    valid: frozenset[str]


def judge(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    mode: str,
    read: Callable[[str], bytes],
    mtime_s: Callable[[str], int],
) -> Judgement:
    """Return what becomes of the kept .pyc files in ``__pycache__``.

    ``mode`` is one of MODES. What the user keeps by name stays, and so does what is no
    bytecode that is understood; but only what is valid may be shipped unchecked. Raises
    what ``read`` raises.
    """
    drops: dict[str, Verdict] = {}
    valid = set()
    for entry in tree.ending_in(".pyc"):
        path = entry.path
        source = pyc.source_of(path)
        if verdicts[path].action is Action.DROP or source is None:
            continue
        fault = _fault(tree, verdicts, source, path, read, mtime_s)
        if fault is None:
            valid.add(path)
        rule = UNWANTED if mode == "drop" else fault
        if rule in (STALE, ORPHAN, UNWANTED) and not verdicts[path].kept_by_user:
            drops[path] = Verdict(Action.DROP, rule)
    return Judgement(drops, frozenset(valid))


def _fault(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    source: str,
    path: str,
    read: Callable[[str], bytes],
    mtime_s: Callable[[str], int],
) -> Rule | None:
    """Return why Python would not use bytecode, or UNKNOWN; None where it would."""
    entry = tree.by_path.get(source)
    if entry is None or verdicts[source].action is Action.DROP:
        return ORPHAN
    if entry.kind is not Kind.FILE:
        return UNKNOWN  # a link to a source elsewhere: what Python would see is not known here
    try:
        header = pyc.parse(read(path))
    except FormatError:
        return None  # the transform says so, and leaves it as it is
    return None if pyc.belongs(header, mtime_s(source), entry.size_bytes) else STALE
