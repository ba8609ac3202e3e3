"""The thread through a shrink: watch the events, plan, prove, try to do without more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from slimmer.decide.decide import context_of, decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.boots import BEAM, BOOT, FLAGS, ON_DEMAND
from slimmer.ecosystems.parts import find_silent
from slimmer.ecosystems.recorders import NOT_OBSERVED, Observed
from slimmer.errors import InputError, UsageError
from slimmer.model.shrunk import NOTHING, Shrunk, ShrunkUnit
from slimmer.model.tree import Entry, Tree
from slimmer.paths import join
from slimmer.shrink.minimise import minimise
from slimmer.shrink.model import Amount, Bounds, Shrinking, UnitUse
from slimmer.shrink.modules import Spare, proven_modules, spare_modules
from slimmer.shrink.plan import (
    Going,
    Patterns,
    Piece,
    Proven,
    Watched,
    candidates,
    named_back,
    shrunk_of,
    touched_units,
    tried,
    without,
)
from slimmer.shrink.site import Site
from slimmer.shrink.spare import hollow_pieces, large_pieces
from slimmer.shrink.trial import Gone, Ships, Trial
from slimmer.shrink.used import opened_in, used_paths
from slimmer.text import printable
from slimmer.verify.judge import check_against
from slimmer.verify.model import Run
from slimmer.verify.trace.syscalls import Access

Tell = Callable[[str], object]


@dataclass(frozen=True)
class ShrinkJob:
    """What a shrink starts from."""

    question: Question
    #: The artifact as it ships: what is laid out at the site.
    artifact: Tree
    bounds: Bounds
    #: The patterns of what never goes inside a used unit.
    never: Sequence[str]
    #: The patterns of what may stay without its bytes.
    hollow: Sequence[str] = ()
    #: What logs say was used elsewhere.
    observed: Observed = NOT_OBSERVED


def shrink(job: ShrinkJob, site: Site, tell: Tell = lambda _: None) -> Shrinking:
    """Return the smallest set of units, and files of them, with which all events answer the same.

    Raises InputError for an event that fails or answers otherwise from run to run in all of its
    answer, UsageError where nothing can be watched.
    """
    decision = decide_tree(job.question)
    tell(f"watch {job.bounds.repeat} runs")
    runs, used = _watch(job, site)
    observed = job.observed.paths
    watched = Watched(
        job.question.source.tree, decision, used.every | observed, observed, used.opened
    )
    never = Patterns(job.never)
    hollow = Patterns(job.hollow)
    going = candidates(watched, never, hollow)
    if not job.bounds.within_units:
        verdicts = decide_tree(replace(job.question, tried=tried(going))).verdicts
        going = named_back(going, verdicts)
    silent = find_silent(context_of(job.question), used.opened, tried(going))
    going = without(going, silent)
    units = [frozenset(entry.path for entry in entries) for entries in watched.kept.values()]
    ships = Ships(job.artifact, join(job.question.settings.prefix, ""), units)
    trial = Trial(site, ships, job.bounds, runs, tell)
    going = _proven(going, trial)
    touched = _not_needed(touched_units(watched, never), going, trial)
    within, gone = job.bounds.within_units, touched.keys()
    pieces: list[Piece] = []
    if job.bounds.guarded:
        alone = Patterns(job.hollow, but=job.never)
        pieces += hollow_pieces(watched, alone, gone, within_units=within)
    if within:
        pieces += large_pieces(watched, never, gone)
    left = going.paths(going.units).union(*touched.values())
    spare, base = _spared(pieces, left, trial)
    modules = spare_modules(watched, site, job.question.source.read, base.paths)
    modules = proven_modules(modules, base, trial)
    return _result(job, watched, Proven(going, touched, spare), modules, trial)


class _Used(NamedTuple):
    """Paths of the tree that were used, and those of them that were opened or run."""

    every: frozenset[str]
    opened: frozenset[str]


def _watch(job: ShrinkJob, site: Site) -> tuple[list[Run], _Used]:
    """Return the runs, and what was used, as paths of the tree."""
    runs: list[Run] = []
    used, opened = set[str](), set[str]()
    for _ in range(job.bounds.repeat):
        result, accesses = site.watch()
        _check(result)
        runs.append(result)
        used |= _used(job, site, accesses)
        opened |= _used(job, site, opened_in(accesses))
    other = site.watch_emulated()
    if other:
        _check(other[0])
        used |= _used(job, site, other[1])
        opened |= _used(job, site, opened_in(other[1]))
    if not used:
        raise UsageError(
            "no file of the artifact was seen in use; run it where slim shrink can watch it, with "
            "another --sandbox"
        )
    if job.bounds.within_units and any(path.endswith(BOOT) for path in used):
        used = _as_asked_for(used, runs[0], job, site)
    return runs, _Used(frozenset(used), frozenset(opened & used))


def _used(job: ShrinkJob, site: Site, accesses: Iterable[Access]) -> set[str]:
    prefix = join(job.question.settings.prefix, "")
    found = used_paths(job.artifact, site.seen_at, accesses)
    return {path.removeprefix(prefix) for path in found if path.startswith(prefix)}


def _as_asked_for(used: set[str], first: Run, job: ShrinkJob, site: Site) -> set[str]:
    """Return what is used where Erlang's modules are loaded when they are asked for.

    A release loads all of them at its start, which says nothing of their use.
    """
    flags = f"{ON_DEMAND} {site.workspace.spec.env.get(FLAGS, '')}".strip()
    result, accesses = site.watch({FLAGS: flags})
    checks = check_against(result.invocations, first.invocations, (), site.job.ignored)
    if result.failure is not None or any(check.wrong for check in checks):
        return used
    return {path for path in used if not path.endswith(BEAM)} | _used(job, site, accesses)


def _check(result: Run) -> None:
    """Raise InputError for an event that the artifact cannot answer even with all its files."""
    if result.failure is not None:
        raise InputError(f"the artifact as it is {result.failure.message}; make it answer first")
    for invocation in result.invocations:
        answer = invocation.answer
        if answer is not None and answer.kind == "error":
            raise InputError(
                f"{printable(invocation.event)}: the artifact as it is answers with an error; name "
                "an event that it answers"
            )


def _proven(going: Going, trial: Trial) -> Going:
    """Return what goes of the plan, proven by a run: where all of it fails, units come back."""
    units = sorted(going.units)
    found = minimise(units, lambda some: trial.passes(going.paths(some)), trial.may_run)
    trial.complete &= found.complete
    whole = {unit: paths for unit, paths in going.whole.items() if unit in found.dropped}
    inside = {unit: paths for unit, paths in going.inside.items() if unit in found.dropped}
    return Going(whole, inside)


def _not_needed(
    units: Mapping[str, tuple[str, ...]], going: Going, trial: Trial
) -> dict[str, tuple[str, ...]]:
    """Return the units that were used and that no answer needs."""
    base = going.paths(going.units)

    def passes(some: frozenset[str]) -> bool:
        return trial.passes(base.union(path for unit in some for path in units[unit]))

    found = minimise(list(units), passes, trial.may_run)
    trial.complete &= found.complete
    return {unit: units[unit] for unit in found.dropped}


def _spared(
    pieces: Sequence[Piece], base: frozenset[str], trial: Trial
) -> tuple[list[Piece], Gone]:
    """Return the pieces that no answer needs, and all that goes with them.

    Each is tried once beside those before it.
    """
    spare: list[Piece] = []
    gone, hollow = base, frozenset[str]()
    for piece in pieces:
        if not trial.may_run(0):
            trial.complete = False
            break
        hollowed = hollow.union(piece.paths) if piece.is_hollow else hollow
        if trial.passes(gone.union(piece.paths), hollowed):
            gone, hollow = gone.union(piece.paths), hollowed
            spare.append(piece)
    return spare, Gone(gone, hollow)


def _result(
    job: ShrinkJob, watched: Watched, proven: Proven, modules: Iterable[Spare], trial: Trial
) -> Shrinking:
    draft = Shrinking(
        shrunk=NOTHING,
        events=trial.events,
        invocations=job.observed.invocations,
        repeat=job.bounds.repeat,
        trials=trial.trials,
        complete=trial.complete,
        kept=_amount(watched.kept),
        used=_amount(watched.used_entries),
        unstable=trial.unstable,
    )
    rows = shrunk_of(watched, proven, draft.seen)
    rows = tuple(sorted((*rows, *(each.row(draft.seen) for each in modules))))
    return replace(draft, shrunk=Shrunk(rows, job.bounds.guarded), uses=_uses(watched, rows))


def _uses(watched: Watched, rows: Iterable[ShrunkUnit]) -> tuple[UnitUse, ...]:
    """Return what ships of each unit without the shrink, what stays, and what of it was used."""
    going = {row.unit: row for row in rows}
    uses = []
    for unit, entries in sorted(watched.kept.items()):
        row = going.get(unit)
        gone = frozenset(row.paths or (e.path for e in entries)) if row else frozenset[str]()
        stays = [entry for entry in entries if entry.path not in gone]
        used = [entry for entry in stays if entry.path in watched.used]
        uses.append(UnitUse(unit, _bytes_of(entries), _bytes_of(stays), _bytes_of(used)))
    return tuple(uses)


def _amount(units: Mapping[str, Sequence[Entry]]) -> Amount:
    every = [entry for entries in units.values() for entry in entries]
    return Amount(len(units), len(every), _bytes_of(every))


def _bytes_of(entries: Iterable[Entry]) -> int:
    return sum(entry.size_bytes for entry in entries)
