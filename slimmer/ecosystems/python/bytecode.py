"""Python's bytecode: which of it would be used, and what becomes of the rest.

A .pyc file states the time of its source, and a zip with fixed times makes every such
statement false: Python would compile all of it at each cold start, since Lambda's code
folders are read-only. So what is valid in the tree is shipped in the form that is never
checked (the transform ``pyc``), and what is stale or belongs to nothing is dropped. Or all is
compiled again, for the place at which it will lie.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.ecosystems.python import COMPILE
from slimmer.ecosystems.python.as_installed import AsInstalled
from slimmer.ecosystems.python.stale import stale_findings
from slimmer.formats import FormatError
from slimmer.formats.python import pyc
from slimmer.model.plan import Generated, Keep, Plan
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Entry, Kind, Tree

STALE = Rule(
    "pyc/stale",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Its source is of another time or size, so Python would not use it.",
    "--pyc keep",
    "Stale bytecode",
)
ORPHAN = Rule(
    "pyc/orphan",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Its source is not shipped, and without it Python does not look into __pycache__.",
    "--pyc keep",
    "Bytecode without its source",
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
    "Bytecode",
)
REPLACED = Rule(
    "pyc/replaced",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Bytecode of the sources that are shipped is compiled again.",
    "--pyc compile",
    "Bytecode that is compiled again",
)

_ABI = re.compile(r".+\.(cpython-\d+)[^/]*\.so")


class Source(NamedTuple):
    """A source to compile: its path in the tree, and the path at which it will lie."""

    path: str
    placed: str


class Compiled(NamedTuple):
    """Bytecode by the path of its source, and why others have none."""

    bytecode: dict[str, bytes]
    refused: dict[str, str]


class Compiler(Protocol):
    """An interpreter of the target's version; ``tag`` stands in the names of .pyc files."""

    title: str
    tag: str

    def compile(self, sources: Sequence[Source], read: Callable[[str], bytes]) -> Compiled:
        """Return the bytecode of sources. Raises what ``read`` raises."""


def drop_stale_bytecode(request: DropRequest) -> Drops:
    """Return what becomes of the kept .pyc files in ``__pycache__``.

    What the user keeps by name stays, and so does what is no bytecode that is understood;
    but only what is valid, or what only the transform can say is none, may be shipped
    unchecked. Raises what reading raises.
    """
    tree, verdicts = request.context.tree, request.verdicts
    drops: dict[str, Verdict] = {}
    valid = set()
    installed = AsInstalled(request.context)
    for entry in tree.ending_in(".pyc"):
        path = entry.path
        source = pyc.source_of(path)
        if verdicts[path].dropped or source is None:
            continue
        fault = _fault(request, source, path, installed)
        if fault is None:
            valid.add(path)
        rule = {"drop": UNWANTED, COMPILE: REPLACED}.get(request.pyc, fault)
        if rule in (STALE, ORPHAN, UNWANTED, REPLACED) and not verdicts[path].kept_by_user:
            drops[path] = Verdict(Action.DROP, rule)
    dropped = [path for path, verdict in drops.items() if verdict.rule is STALE]
    findings = stale_findings(dropped, len(drops.keys() | valid), "are dropped")
    return Drops(drops, tuple(findings), valid_bytecode=frozenset(valid))


def _fault(request: DropRequest, source: str, path: str, installed: AsInstalled) -> Rule | None:
    """Return why Python would not use bytecode, or UNKNOWN; None where it would."""
    entry = request.context.tree.by_path.get(source)
    if entry is None or request.verdicts[source].dropped:
        return ORPHAN
    if entry.kind is not Kind.FILE:
        return UNKNOWN  # a link to a source elsewhere: what Python would see is not known here
    try:
        header = pyc.parse(request.context.read(path))
    except FormatError:
        return None  # the transform says so, and leaves it as it is
    if pyc.belongs(header, request.mtime_s(source), entry.size_bytes):
        return None
    is_of_it = pyc.is_of_size(header, entry.size_bytes) and installed.compiled_of(path, source)
    return None if is_of_it else STALE


def with_bytecode(
    plan: Plan, compiler: Compiler, place: str, read: Callable[[str], bytes]
) -> tuple[Plan, Compiled, Callable[[str], bytes]]:
    """Return the plan with bytecode for its sources, what was compiled, and how to read all.

    ``place`` is the folder at which the tree will lie. Raises what ``read`` raises.
    """
    compiled = compiler.compile(list(_sources(plan, compiler.tag, place)), read)
    generated = {pyc.cached(path, compiler.tag): data for path, data in compiled.bytecode.items()}
    steps = [
        Generated(Entry(pyc.cached(path, compiler.tag), Kind.FILE, len(data)), path)
        for path, data in compiled.bytecode.items()
    ]

    def read_all(path: str) -> bytes:
        return generated[path] if path in generated else read(path)

    steps.sort(key=lambda step: step.entry.path)
    return Plan(plan.steps, (*plan.generated, *steps)), compiled, read_all


def _sources(plan: Plan, tag: str, place: str) -> Iterator[Source]:
    """Yield the sources in a plan that can be imported and whose bytecode is not in it."""
    taken = {step.entry.path for step in plan.shipped if step.entry.kind is not Kind.DIRECTORY}
    for step in plan.shipped:
        path = step.entry.path
        if not isinstance(step, Keep) or step.entry.kind is not Kind.FILE:
            continue
        if pyc.is_importable(path):
            cached = pyc.cached(path, tag)
            if cached not in taken and posixpath.dirname(cached) not in taken:
                yield Source(path, posixpath.join(place, path))


def abi_tags(tree: Tree) -> set[str]:
    """Return the tags of the Pythons that a tree's extension modules are for (PEP 3149).

    Those of the stable ABI name none.
    """
    found = (_ABI.fullmatch(entry.path) for entry in tree.ending_in(".so"))
    return {match[1] for match in found if match}
