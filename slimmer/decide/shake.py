"""What nothing reaches: the units that no root asks for, told, and dropped where the user says so.

The roots are the entries that the user names, else all of the user's own files; beside them the
zips of the same deployment, and what is started whatever the code says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from slimmer.config.settings import Settings
from slimmer.decide.entries import IMPORTED, entry_file
from slimmer.decide.shrunk import may_go
from slimmer.ecosystems import Ecosystem
from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.parts import find_uses
from slimmer.errors import UsageError
from slimmer.formats import FormatError, Refused
from slimmer.formats.erlang.imports import literals
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.model.uses import Reach, Uses, own_part, reach
from slimmer.paths import folder_of
from slimmer.sizes import count_text, size_text
from slimmer.text import and_more, did_you_mean, printable

PREFIX = "unreached/"
BOOTSTRAP = "bootstrap"  # what Lambda starts in a custom runtime
_HANDLER = b"_HANDLER"  # the variable in which Lambda names the function's handler
OPTION = "--tree-shake"
#: What is a program of the user's own.
_STARTED = (*IMPORTED, ".exs", ".escript", ".beam", ".class", ".sh")
#: What proves, where the user keeps it, that a unit is wanted: code, not a README of that name.
_CODE = (*IMPORTED, ".so", ".node", ".beam", ".app", ".class", ".jar")
_BEAM = ".beam"
_SHOWN = 5


def find_reach(
    ecosystems: Iterable[Ecosystem], request: UsesRequest, settings: Settings, runs: Runs
) -> Reach | None:
    """Return what the roots reach; None where nothing is known that runs.

    Raises UsageError for an entry that is not there, and for ``--tree-shake`` without roots.
    """
    if not runs.programs and not runs.is_known:
        if settings.tree_shake:
            raise UsageError(
                f"{OPTION} needs to know what runs; name the function's zip with --with, or its "
                "handler with --entry app.handler"
            )
        return None
    files = {name: _file(name, request, settings.prefix) for name in settings.entry}
    named = _kept_by_user(request).union(filter(None, files.values()))
    found = find_uses(ecosystems, replace(request, named=named))
    entries = {_entry(name, part, request, found) for name, part in files.items()}
    stays = _never_units(found, request) if request.context.started else frozenset()
    return reach(found, named | entries | stays | _roots(found, runs.programs, settings))


def _never_units(found: Sequence[Uses], request: UsesRequest) -> frozenset[str]:
    """Return the parts that are kept whether or not they are reached: what they use is used.

    Only what a file is of is kept; a module of an application, and what stands for one that nobody
    understands, are asked for like all else.
    """
    kept = {owner for path, owner in request.owners.items() if request.verdicts[path].kept}
    kept.update(part for each in found for part in each.finer.values())
    return frozenset(kept.difference((OWN,), *(each.units for each in found)))


class Runs(NamedTuple):
    """What is known of what runs."""

    #: The parts that are programs of the user's own.
    programs: frozenset[str]
    #: Whether any of it may be the function, or a part of it.
    is_known: bool


def what_runs(request: UsesRequest, settings: Settings) -> Runs:
    """Return what is known of what runs. Raises what reading raises.

    A bootstrap starts what lies elsewhere, and so does what reads the handler's name there.
    """
    programs, runtime = _programs(request), own_part(BOOTSTRAP)
    if settings.entry or request.context.deployment.siblings:
        return Runs(programs, is_known=True)
    if runtime not in programs:
        return Runs(programs, is_known=bool(programs))
    asks: dict[str, bool] = {}
    for path in (part.removeprefix("/") for part in programs - {runtime}):
        whole = folder_of(path) if path.endswith(_BEAM) else path  # modules that lie together
        asks[whole] = asks.get(whole, False) or _asks_for_handler(path, request)
    return Runs(programs, not all(asks.values()))


def _asks_for_handler(path: str, request: UsesRequest) -> bool:
    """Return whether a program reads the variable in which Lambda names the handler."""
    data = request.context.read(path)
    if path.endswith(_BEAM):
        with contextlib.suppress(FormatError, Refused):
            data += literals(data)  # they are compressed
    return _HANDLER in data


def unreached_drops(found: Reach, request: UsesRequest, settings: Settings) -> dict[str, Verdict]:
    """Return the drops of what is kept of the units that are not reached."""
    named = {unit: Verdict(Action.DROP, _rule(unit, settings)) for unit in found.unreached}
    parts = ((path, found.part(path, owner)) for path, owner in request.owners.items())
    return {
        path: named[part]
        for path, part in parts
        if part in named and may_go(request.verdicts[path])
    }


def unreached_findings(found: Reach, request: UsesRequest, settings: Settings) -> Iterator[Finding]:
    """Yield a note that names the largest units that nothing reaches and that are kept."""
    yield from (finding("parts-by-variable", note) for note in found.notes)
    sizes = _unreached_sizes(found, request)
    if not sizes or settings.tree_shake:
        return
    largest = sorted(sizes, key=lambda unit: (-sizes[unit], unit))
    shown = [f"{printable(unit)} ({size_text(sizes[unit])})" for unit in largest[:_SHOWN]]
    shown += [f"{len(largest) - _SHOWN:,} more"] if len(largest) > _SHOWN else []
    yield finding(
        "not-reached",
        f"not reached from {_origin(settings)}: {count_text(len(sizes), 'unit')}, "
        f"{size_text(sum(sizes.values()))}: {', '.join(shown)}; drop them with {OPTION}",
    )


def _unreached_sizes(found: Reach, request: UsesRequest) -> dict[str, int]:
    """Return what the kept files of each unit take that is not reached. Unit: bytes."""
    sizes: dict[str, int] = {}
    for entry in request.context.tree.entries:
        if entry.kind is not Kind.DIRECTORY and request.verdicts[entry.path].kept:
            part = found.part(entry.path, request.owners[entry.path])
            if part in found.unreached:
                sizes[part] = sizes.get(part, 0) + entry.size_bytes
            else:
                for unit in set(found.inside.get(entry.path, {}).values()) & found.unreached:
                    sizes[unit] = found.inner_bytes[unit]
    return sizes


def _programs(request: UsesRequest) -> frozenset[str]:
    """Return the parts that are programs of the user's own."""
    own = (p for p, o in request.owners.items() if o == OWN and request.verdicts[p].kept)
    return frozenset(own_part(p) for p in own if p.endswith(_STARTED) or p == BOOTSTRAP)


def component_of(unit: str) -> str:
    """Return the component that drops what is of a unit, or of a part of one."""
    return f"{PREFIX}{unit.partition(':')[0].partition('/')[2]}"


def _rule(unit: str, settings: Settings) -> Rule:
    whole, colon, _ = unit.partition(":")
    why = f"Nothing that runs from {_origin(settings)} reaches it."
    title = f"parts of {whole}" if colon else whole
    return Rule(component_of(unit), Action.DROP, unit, why, OPTION, title)


def _origin(settings: Settings) -> str:
    return and_more(settings.entry) if settings.entry else "your own code"


def _roots(found: Sequence[Uses], programs: frozenset[str], settings: Settings) -> frozenset[str]:
    """Return the parts that run: the user's own files, and what zips beside hold."""
    users = programs.union(use.user for each in found for use in each.uses)
    beside = {part for part in users if ": " in part}
    own = {part for part in users if part.startswith("/")}
    if not settings.entry:
        return frozenset(beside | own)
    started = {part for part in own if not part.endswith(IMPORTED)}
    return frozenset(beside | started)


def _file(name: str, request: UsesRequest, prefix: str) -> str:
    """Return the part of the file that an entry names; empty without one."""
    path = entry_file(request.context.tree, name, prefix)
    return request.part(path) if path else ""


def _entry(name: str, part: str, request: UsesRequest, found: Sequence[Uses]) -> str:
    """Return the part that an entry names: what an ecosystem calls so, or else a file's."""
    known = [each.entries[name] for each in found if name in each.entries]
    if known or part:
        return known[0] if known else part
    offers = _handlers(request.context.tree, name)
    offers += [offer for each in found for offer in each.offers]
    near = did_you_mean(name, offers)
    raise UsageError(f"--entry {printable(name)}: no such module in the tree{near}")


def _handlers(tree: Tree, name: str) -> list[str]:
    """Return what an entry could be called: the modules at the top, with the name's last part."""
    last = name.rpartition(".")[2]
    files = [e.path for e in tree.entries if e.path.endswith(IMPORTED) and "/" not in e.path]
    return [f"{path.rpartition('.')[0]}.{last}" for path in files]


def _kept_by_user(request: UsesRequest) -> frozenset[str]:
    """Return the units of which the user keeps a folder or code by name."""
    verdicts, owners = request.verdicts, request.owners
    return frozenset(
        owners[entry.path]
        for entry in request.context.tree.entries
        if verdicts[entry.path].kept_by_user
        and (entry.kind is Kind.DIRECTORY or entry.path.endswith(_CODE))
    )


def parts_text(chain: Iterable[str]) -> str:
    """Return a chain of parts as people read it: ``app.py → fastapi → starlette``."""
    return " → ".join(printable(_plain(part)) for part in chain)


def _plain(part: str) -> str:
    if part.startswith("/") or ": " in part:
        return part.removeprefix("/")
    return part.partition("/")[2]
