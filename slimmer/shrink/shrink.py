"""The thread through a shrink: watch the events, plan, prove, try to do without more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.boots import BEAM, BOOT, FLAGS, ON_DEMAND
from slimmer.ecosystems.recorders import NOT_OBSERVED, Observed
from slimmer.errors import InputError, UsageError
from slimmer.model.shrunk import NOTHING, Shrunk
from slimmer.model.tree import Entry, Tree
from slimmer.paths import join
from slimmer.shrink.minimise import minimise
from slimmer.shrink.model import Amount, Bounds, Shrinking
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
)
from slimmer.shrink.site import Site
from slimmer.shrink.spare import spare_pieces
from slimmer.shrink.trial import Ships, Trial
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
    going = candidates(watched, never)
    if not job.bounds.within_units:
        verdicts = decide_tree(replace(job.question, tried=tried(going))).verdicts
        going = named_back(going, verdicts)
    ships = Ships(job.artifact, join(job.question.settings.prefix, ""))
    trial = Trial(site, ships, job.bounds, runs, tell)
    going = _proven(going, trial)
    touched = _not_needed(touched_units(watched, never), going, trial)
    spare: list[Piece] = []
    if job.bounds.within_units:
        hollow = Patterns(job.hollow if job.bounds.guarded else ())
        pieces = spare_pieces(watched, never, hollow, touched)
        spare = _spared(pieces, going.paths(going.units).union(*touched.values()), trial)
    return _result(job, watched, Proven(going, touched, spare), trial)


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


def _spared(pieces: Sequence[Piece], base: frozenset[str], trial: Trial) -> list[Piece]:
    """Return the pieces that no answer needs, each tried once beside those before it."""
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
    return spare


def _result(job: ShrinkJob, watched: Watched, proven: Proven, trial: Trial) -> Shrinking:
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
    return replace(draft, shrunk=Shrunk(rows, job.bounds.guarded))


def _amount(units: Mapping[str, Sequence[Entry]]) -> Amount:
    every = [entry for entries in units.values() for entry in entries]
    return Amount(len(units), len(every), sum(entry.size_bytes for entry in every))
