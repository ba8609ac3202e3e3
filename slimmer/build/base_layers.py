"""Bases: layers below an artifact, and what of it they place already.

Layers are unpacked into one folder, in order, so a file that a base places at the same path
with the same bytes need not be shipped twice. It is left out only when asked for: a base can
be updated alone, and then the file of the new one is found in its place.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

from slimmer.inputs.base import LayerFile, Sibling
from slimmer.model.base_tree import BaseTree
from slimmer.model.plan import Drop, Keep, Plan, Step
from slimmer.model.rules import Action, Rule
from slimmer.model.times import ZIP_TIME_S
from slimmer.model.tree import Kind
from slimmer.outputs.zip import MemberContent
from slimmer.paths import join


def with_base(plan: Plan, base: BaseTree) -> Plan:
    """Return the plan with all kept that lies in an image's layers that stay as they are."""
    if not base.layers:
        return plan
    return Plan(tuple(_held(step, base) for step in plan.steps), plan.generated)


def _held(step: Step, base: BaseTree) -> Step:
    path, rule = step.entry.path, step.rule if isinstance(step, Keep) else None
    if path in base.alike:
        return Keep(step.entry, rule)
    is_gone = isinstance(step, Drop) and path in base.paths
    return Keep(step.entry, None) if is_gone else step


def without_placed(
    plan: Plan,
    base_layers: Sequence[Sibling],
    prefix: str,
    content: Callable[[Keep], MemberContent],
) -> Plan:
    """Return the plan without the files that a base places byte for byte.

    Where two bases place different things at a path, which of them wins depends on their
    order, so the file is shipped. ``content`` says what would be shipped for a step.
    """
    steps: list[Step] = []
    for step in plan.steps:
        layer = _placing(step, base_layers, prefix, content) if isinstance(step, Keep) else None
        steps.append(_drop(step, layer) if layer else step)
    return Plan(tuple(steps))


def _drop(step: Step, layer: Sibling) -> Drop:
    why = f"{layer.name} places it already, byte for byte."
    title = "Placed by a layer below"
    return Drop(step.entry, Rule("base/placed", Action.DROP, step.entry.path, why, "--base", title))


def _placing(
    step: Keep,
    base_layers: Sequence[Sibling],
    prefix: str,
    content: Callable[[Keep], MemberContent],
) -> Sibling | None:
    if step.entry.kind is not Kind.FILE or step.time_s != ZIP_TIME_S:
        return None  # of two files with the same bytes a runtime may compare the times
    path = join(prefix, step.entry.path)
    having = [layer for layer in base_layers if path in layer.placed]
    placed = {layer.placed[path] for layer in having}
    if len(placed) != 1 or None in placed:
        return None
    return having[0] if _same(step, having, path, content) else None


def _same(
    step: Keep, having: Sequence[Sibling], path: str, content: Callable[[Keep], MemberContent]
) -> bool:
    shipped = content(step)
    ours = LayerFile(len(shipped.data), zlib.crc32(shipped.data), bool(shipped.mode & 0o100))
    if having[0].placed[path] != ours:
        return False
    return all(layer.read(path) == shipped.data for layer in having)
