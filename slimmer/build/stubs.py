"""Stubs in the plan: what ``slim shrink`` dropped says so where something asks for it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from slimmer.decide.shrunk import PREFIX
from slimmer.ecosystems.stubs import stubs
from slimmer.model.plan import Drop, Generated, Plan
from slimmer.model.tree import Entry, Kind


def with_stubs(
    plan: Plan,
    read: Callable[[str], bytes],
    hollow: Container[str],
    packages: Mapping[str, str],
    *,
    of_image: bool,
) -> tuple[Plan, Callable[[str], bytes]]:
    """Return the plan with a stub for what a shrink drops, and how to read all.

    What is ``hollow`` stays as a file that holds the stub. ``packages`` are those of Java's modules
    that stay without their bytes, each with the file and line that say so. ``of_image`` says that
    the plan is of the root of an image.
    """
    drops = (s for s in plan.steps if isinstance(s, Drop) and s.entry.kind is not Kind.DIRECTORY)
    dropped = {s.entry.path: s.rule.place for s in drops if s.rule.component.startswith(PREFIX)}
    kept = [step.entry.path for step in plan.shipped if step.entry.kind is not Kind.DIRECTORY]
    made = stubs(dropped, kept, hollow, packages, of_image=of_image)
    steps = tuple(Generated(Entry(p, Kind.FILE, len(data)), p) for p, data in made.items())

    def read_all(path: str) -> bytes:
        return made[path] if path in made else read(path)

    return Plan(plan.steps, (*plan.generated, *steps)), read_all
