"""Starts as figures: fresh ones of an artifact and of its original in turn, and what they took.

CPU is that of all processes of the function when it asks for its first event, and when it gives its
first answer, as the kernel counts it (proc(5), ``stat``). A start and the next one of the original
find the machine in the same state, so their ratio is taken pair by pair.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from slimmer.verify.model import Failure, Figure, Job, NotStartable, Run, Spread, Starts
from slimmer.verify.opened import Opened, opened_by
from slimmer.verify.runner import run
from slimmer.verify.workspace import Workspace, laid_out

#: What is measured of a start: its name, and where a run has it.
FIGURES: Final[tuple[tuple[str, Callable[[Run], float | None]], ...]] = (
    ("init_cpu_s", lambda run: run.init_cpu_s),
    ("init_s", lambda run: run.init_s),
    ("first_answer_cpu_s", lambda run: run.first_cpu_s),
    ("first_answer_s", lambda run: run.first_s),
    ("peak_bytes", lambda run: run.peak_bytes),
)


def measure(job: Job) -> Starts | Failure:
    """Start the artifacts, and the original in turn, as often as a job says.

    Each start is given the first event. Return the figures, or why one failed. Raises what
    unpacking raises.
    """
    specs = [job.spec, *([job.original] if job.original else [])]
    rounds: list[list[Run]] = []
    with ExitStack() as stack:
        workspaces = [stack.enter_context(laid_out(spec)) for spec in specs]
        for _ in range(job.starts):
            runs = [_start(workspace, job) for workspace in workspaces]
            failure = next((each.failure for each in runs if each.failure), None)
            if failure is not None:
                line = f"start {len(rounds) + 1} of {job.starts}: {failure.message}"
                return Failure(failure.code, line)
            rounds.append(runs)
        opened = [opened_by(workspace, job) for workspace in workspaces]
    theirs = [runs[1] for runs in rounds] if job.original else []
    figures = _figures([runs[0] for runs in rounds], theirs)
    return Starts(job.starts, (*figures, *_opened_figures(opened)))


def _start(workspace: Workspace, job: Job) -> Run:
    try:
        return run(workspace.start(), job.events[:1], job.limits)
    except NotStartable as reason:
        return Run((), Failure("not-startable", str(reason)))


def _figures(ours: Sequence[Run], theirs: Sequence[Run]) -> Iterator[Figure]:
    for name, of in FIGURES:
        mine = [value for each in ours if (value := of(each)) is not None]
        other = [value for each in theirs if (value := of(each)) is not None]
        if len(mine) == len(ours):
            pairs = zip(mine, other, strict=False) if len(other) == len(mine) else ()
            ratios = [one / two for one, two in pairs if two]
            yield Figure(
                name,
                spread_of(mine),
                spread_of(other) if len(other) == len(mine) else None,
                spread_of(ratios) if ratios else None,
            )


def _opened_figures(opened: Sequence[Opened | None]) -> Iterator[Figure]:
    """Yield what one start of each opened, which is the same at every start."""
    ours, *others = opened
    if ours is None or None in others:
        return
    for at, name in enumerate(Opened._fields):
        theirs = [other[at] for other in others if other]
        yield Figure(
            f"opened_{name}",
            spread_of([ours[at]]),
            spread_of(theirs) if theirs else None,
            spread_of([ours[at] / theirs[0]]) if theirs and theirs[0] else None,
        )


def spread_of(values: Sequence[float]) -> Spread:
    """Return the median of values, at least one, with the quarter below and above it."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)
