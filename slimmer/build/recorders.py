"""Recorders in the plan: what a shrink would drop ships, and tells the log that it is used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from slimmer.ecosystems.recorders import can_record, recorded
from slimmer.formats.python.pyc import source_of
from slimmer.model.findings import Finding, finding
from slimmer.model.plan import Drop, Keep, Plan, Step
from slimmer.model.rules import Action, Rule
from slimmer.model.tree import Kind
from slimmer.sizes import count_text, size_text

_OF_ANOTHER = Rule(
    "pyc/observed",
    Action.DROP,
    "**/__pycache__/*.pyc",
    "Its source has a recorder, which the bytecode has not.",
    "--observe",
    "Bytecode of sources with a recorder",
)


def with_recorders(
    plan: Plan, observed: Collection[str], read: Callable[[str], bytes]
) -> tuple[Plan, Callable[[str], bytes], list[Finding]]:
    """Return the plan with a recorder in each module of ``observed``, and how to read all.

    The findings say which of it cannot have one.
    """
    recording = {step.entry.path for step in _kept(plan, observed) if can_record(step.entry.path)}

    def read_all(path: str) -> bytes:
        data = read(path)
        return recorded(path, data) if path in recording else data

    def changed(step: Step) -> Step:
        path = step.entry.path
        if isinstance(step, Keep) and path in recording:
            entry = step.entry._replace(size_bytes=len(read_all(path)))
            return step._replace(entry=entry, transforms=())
        if not isinstance(step, Drop) and source_of(path) in recording:
            return Drop(step.entry, _OF_ANOTHER)
        return step

    blind = [step for step in _kept(plan, observed) if not can_record(step.entry.path)]
    steps = tuple(changed(step) for step in plan.steps)
    return Plan(steps, plan.generated), read_all, _blind(blind, recording)


def _kept(plan: Plan, observed: Collection[str]) -> Iterator[Keep]:
    files = (s for s in plan.steps if isinstance(s, Keep) and s.entry.kind is Kind.FILE)
    for step in files:
        if step.entry.path in observed and source_of(step.entry.path) is None:
            yield step


def _blind(steps: list[Keep], recording: Collection[str]) -> list[Finding]:
    size_bytes = sum(step.entry.size_bytes for step in steps)
    told = f"{count_text(len(recording), 'module')} of what the shrink would drop tell the log"
    blind = ""
    if steps:
        blind = (
            f"; {count_text(len(steps), 'file')} ({size_text(size_bytes)}) cannot, as they are no "
            "modules of Python or Node.js"
        )
    return [finding("observed", f"{told}{blind}")]
