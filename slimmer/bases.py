"""Bases: layers below an artifact, and what of it they place already.

Layers are unpacked into one folder, in order, so a file that a base places at the same path
with the same bytes need not be shipped twice. It is left out only when asked for: a base can
be updated alone, and then the file of the new one is found in its place.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from slimmer.archive import Content
from slimmer.model import Action, Drop, Keep, Kind, Plan, Rule, Step


@dataclass(frozen=True)
class Placed:
    """A file as a base places it."""

    size_bytes: int
    crc32: int
    executable: bool


class Base(Protocol):
    """A layer below: its name, what it places by path, and the bytes of a file of it."""

    @property
    def name(self) -> str:
        """The zip's name, without folder."""

    @property
    def placed(self) -> Mapping[str, Placed | None]:
        """What it places, by path in the layer; None for what is no file."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file that it places. Raises InputError."""


def without_placed(
    plan: Plan, bases: Sequence[Base], prefix: str, content: Callable[[Keep], Content]
) -> Plan:
    """Return the plan without the files that a base places byte for byte.

    Where two bases place different things at a path, which of them wins depends on their
    order, so the file is shipped. ``content`` says what would be shipped for a step.
    """
    steps: list[Step] = []
    for step in plan.steps:
        base = _placing(step, bases, prefix, content) if isinstance(step, Keep) else None
        steps.append(_drop(step, base) if base else step)
    return Plan(tuple(steps))


def _drop(step: Step, base: Base) -> Drop:
    why = f"{base.name} places it already, byte for byte."
    return Drop(step.entry, Rule("base/placed", Action.DROP, step.entry.path, why, "--base"))


def _placing(
    step: Keep, bases: Sequence[Base], prefix: str, content: Callable[[Keep], Content]
) -> Base | None:
    if step.entry.kind is not Kind.FILE:
        return None
    path = f"{prefix}/{step.entry.path}" if prefix else step.entry.path
    having = [base for base in bases if path in base.placed]
    placed = {base.placed[path] for base in having}
    if len(placed) != 1 or None in placed:
        return None
    return having[0] if _same(step, having, path, content) else None


def _same(
    step: Keep, having: Sequence[Base], path: str, content: Callable[[Keep], Content]
) -> bool:
    shipped = content(step)
    ours = Placed(len(shipped.data), zlib.crc32(shipped.data), bool(shipped.mode & 0o100))
    if having[0].placed[path] != ours:
        return False
    return all(base.read(path) == shipped.data for base in having)
