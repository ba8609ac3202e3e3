"""Boot files in the plan: they name no module that a shrink drops."""

from __future__ import annotations

from collections.abc import Callable

from slimmer.decide.shrunk import PREFIX
from slimmer.ecosystems.boots import boots_without
from slimmer.model.plan import Drop, Keep, Plan
from slimmer.model.tree import Kind


def with_boots(plan: Plan, read: Callable[[str], bytes]) -> tuple[Plan, Callable[[str], bytes]]:
    """Return the plan with such boot files, and how to read all. Raises what ``read`` raises."""
    drops = (step for step in plan.steps if isinstance(step, Drop))
    dropped = [s.entry.path for s in drops if s.rule.component.startswith(PREFIX)]
    kept = [
        step.entry.path
        for step in plan.steps
        if isinstance(step, Keep) and step.entry.kind is Kind.FILE
    ]
    made = boots_without(dropped, kept, read)

    def read_all(path: str) -> bytes:
        return made[path] if path in made else read(path)

    steps = tuple(
        step._replace(entry=step.entry._replace(size_bytes=len(made[step.entry.path])))
        if isinstance(step, Keep) and step.entry.path in made
        else step
        for step in plan.steps
    )
    return Plan(steps, plan.generated), read_all
