"""The thread through a shrink: watch the events, plan, prove, try to do without more."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.boots import BEAM, BOOT, FLAGS, ON_DEMAND, boots_without
from slimmer.ecosystems.recorders import NOT_OBSERVED, Observed
from slimmer.ecosystems.stubs import stubs
from slimmer.errors import InputError, UsageError
from slimmer.model.failures import OF_TIME
from slimmer.model.shrunk import NOTHING, Shrunk
from slimmer.model.tree import Entry, Tree
from slimmer.paths import join
from slimmer.shrink.minimise import minimise
from slimmer.shrink.model import Amount, Bounds, Shrinking
from slimmer.shrink.plan import (
    Going,
    Never,
    Watched,
    candidates,
    named_back,
    shrunk_of,
    touched_units,
    tried,
)
from slimmer.shrink.site import Site
from slimmer.shrink.used import used_paths
from slimmer.text import printable
from slimmer.verify.judge import check_against
from slimmer.verify.model import Run
from slimmer.verify.trace.syscalls import Access

Tell = Callable[[str], object]
_NUMBER = re.compile(r"[0-9a-f]+")  # times, addresses and identities


@dataclass(frozen=True)
class ShrinkJob:
    """What a shrink starts from."""

    question: Question
    #: The artifact as it ships: what is laid out at the site.
    artifact: Tree
    bounds: Bounds
    #: The patterns of what never goes inside a used unit.
    never: Sequence[str]
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
    watched = Watched(
        job.question.source.tree, decision, used | job.observed.paths, job.observed.paths
    )
    never = Never(job.never)
    going = candidates(watched, never)
    if not job.bounds.within_units:
        verdicts = decide_tree(replace(job.question, tried=tried(going))).verdicts
        going = named_back(going, verdicts)
    trial = _Trial(job, site, runs, time.monotonic() + job.bounds.time_s, tell)
    going = _proven(going, trial)
    touched = _not_needed(touched_units(watched, never), going, trial)
    return _result(job, watched, going, touched, trial)


def _watch(job: ShrinkJob, site: Site) -> tuple[list[Run], frozenset[str]]:
    """Return the runs, and what was used, as paths of the tree."""
    runs: list[Run] = []
    used: set[str] = set()
    for _ in range(job.bounds.repeat):
        result, accesses = site.watch()
        _check(result)
        runs.append(result)
        used |= _used(job, site, accesses)
    if not used:
        raise UsageError(
            "no file of the artifact was seen in use; run it where slim shrink can watch it, with "
            "another --sandbox"
        )
    if job.bounds.within_units and any(path.endswith(BOOT) for path in used):
        used = _as_asked_for(used, runs[0], job, site)
    return runs, frozenset(used)


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


class _Trial:
    """The test of a shrink: all events answer, and log, as they did, without what may go.

    A log that differs from run to run by more than its numbers proves nothing.
    """

    def __init__(
        self,
        job: ShrinkJob,
        site: Site,
        watched: Sequence[Run],
        end_s: float,
        tell: Tell,
    ) -> None:
        self._site, self._end_s, self._tell = site, end_s, tell
        self._prefix = join(job.question.settings.prefix, "")
        answers = [run.invocations for run in watched]
        self._first, self._again = answers[0], answers[-1] if len(answers) > 1 else ()
        logs = {_log(run) for run in watched}
        self._log = logs.pop() if len(logs) == 1 else None
        self._most = job.bounds.runs
        self._file = "slim.shrink.toml" if job.bounds.guarded else ""
        start = len(self._prefix)
        self._kept = frozenset(entry.path[start:] for entry in job.artifact.entries)
        #: How often something was left out.
        self.trials = 0
        self._runs = 0
        #: Whether every unit was tried.
        self.complete = True

    @property
    def events(self) -> int:
        """How many events each run answers."""
        return len(self._first)

    @property
    def unstable(self) -> tuple[str, ...]:
        """The places of the answers that differ from run to run."""
        checks = check_against(self._first, self._first, self._again, self._site.job.ignored)
        return tuple(sorted({place for check in checks for place in check.unstable}))

    def passes(self, paths: Iterable[str]) -> bool:
        """Return whether all events answer as before without these paths of the tree.

        What fails for want of time is run once more, as a busy machine can be the reason.
        """
        self.trials += 1
        gone = frozenset(paths)
        result = self._run(gone)
        is_late = result.failure is not None and result.failure.code in OF_TIME
        if is_late and self._runs < self._most:
            result = self._run(gone)
        return self._is_as_before(result)

    def _run(self, gone: frozenset[str]) -> Run:
        self._runs += 1
        left = self._kept - gone
        added = boots_without(gone, left, lambda path: self._site.read(self._prefix + path))
        if self._file:
            added |= stubs(dict.fromkeys(gone, self._file), left)
        return self._site.run_without(
            [self._prefix + path for path in gone],
            {self._prefix + path: data for path, data in added.items()},
        )

    def _is_as_before(self, result: Run) -> bool:
        checks = check_against(result.invocations, self._first, self._again, self._site.job.ignored)
        is_whole = result.failure is None and all(i.answer for i in result.invocations)
        is_logged = self._log in (None, _log(result))
        return is_whole and is_logged and not any(check.wrong for check in checks)

    def may_run(self, _: int) -> bool:
        """Return whether one more run is within the bounds."""
        may = self._runs < self._most and time.monotonic() < self._end_s
        if may:
            self._tell(f"run {self._runs + 1} of at most {self._most}")
        return may


def _proven(going: Going, trial: _Trial) -> Going:
    """Return what goes of the plan, proven by a run: where all of it fails, units come back."""
    units = sorted(going.units)
    found = minimise(units, lambda some: trial.passes(going.paths(some)), trial.may_run)
    trial.complete &= found.complete
    whole = {unit: paths for unit, paths in going.whole.items() if unit in found.dropped}
    inside = {unit: paths for unit, paths in going.inside.items() if unit in found.dropped}
    return Going(whole, inside)


def _not_needed(
    units: Mapping[str, tuple[str, ...]], going: Going, trial: _Trial
) -> dict[str, tuple[str, ...]]:
    """Return the units that were used and that no answer needs."""
    base = going.paths(going.units)

    def passes(some: frozenset[str]) -> bool:
        return trial.passes(base.union(path for unit in some for path in units[unit]))

    found = minimise(list(units), passes, trial.may_run)
    trial.complete &= found.complete
    return {unit: units[unit] for unit in found.dropped}


def _result(
    job: ShrinkJob,
    watched: Watched,
    going: Going,
    touched: dict[str, tuple[str, ...]],
    trial: _Trial,
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
    rows = shrunk_of(watched, going, touched, draft.seen)
    return replace(draft, shrunk=Shrunk(rows, job.bounds.guarded))


def _log(run: Run) -> frozenset[str]:
    """Return the lines that a run logged, without what differs by itself: numbers and order."""
    return frozenset(_NUMBER.sub("0", line) for line in run.output.splitlines())


def _amount(units: Mapping[str, Sequence[Entry]]) -> Amount:
    every = [entry for entries in units.values() for entry in entries]
    return Amount(len(units), len(every), sum(entry.size_bytes for entry in every))
