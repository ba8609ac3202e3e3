"""Python's bytecode: which of it would be used, and what becomes of the rest.

A .pyc file states the time of its source, and a zip with fixed times makes every such
statement false: Python would compile all anew at each cold start, since Lambda's code
folders are read-only. So what is valid in the tree is shipped in the form that is never
checked (the transform ``pyc``), and what is stale or belongs to nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slimmer.formats import FormatError, pyc
from slimmer.model import Action, Kind, Rule, Tree, Verdict

# PEP 3147: name.TAG.pyc, and name.TAG.opt-LEVEL.pyc (PEP 488), in a folder __pycache__.
_CACHED = re.compile(r"(?:(.+)/)?__pycache__/([^/]+?)\.[^./]+(?:\.opt-[^./]+)?\.pyc")
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
UNWANTED = Rule(
    "pyc/drop",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "You said so; Python compiles these modules at each cold start.",
    "--pyc drop",
)


def source_of(path: str) -> str | None:
    """Return the source that a path in ``__pycache__`` is compiled from; None for any other."""
    match = _CACHED.fullmatch(path)
    if match is None:
        return None
    return f"{match[1]}/{match[2]}.py" if match[1] else f"{match[2]}.py"


def judge(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    mode: str,
    read: Callable[[str], bytes],
    mtime_s: Callable[[str], int],
) -> dict[str, Verdict]:
    """Return new verdicts for the kept .pyc files that are not to be shipped.

    ``mode`` is one of MODES. What the user keeps by name stays, and so does what is no
    bytecode that is understood. Raises what ``read`` raises.
    """
    found = {}
    for entry in tree.ending_in(".pyc"):
        path = entry.path
        verdict = verdicts[path]
        source = source_of(path)
        by_user = verdict.rule is not None and verdict.rule.component == "user/keep"
        if verdict.action is Action.DROP or source is None or by_user:
            continue
        rule = UNWANTED if mode == "drop" else _fault(tree, verdicts, source, path, read, mtime_s)
        if rule is not None:
            found[path] = Verdict(Action.DROP, rule)
    return found


def _fault(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    source: str,
    path: str,
    read: Callable[[str], bytes],
    mtime_s: Callable[[str], int],
) -> Rule | None:
    entry = tree.by_path.get(source)
    if entry is None or verdicts[source].action is Action.DROP:
        return ORPHAN
    if entry.kind is not Kind.FILE:
        return None  # a link to a source elsewhere: what Python would see is not known here
    try:
        header = pyc.parse(read(path))
    except FormatError:
        return None
    return None if pyc.belongs(header, mtime_s(source), entry.size_bytes) else STALE
