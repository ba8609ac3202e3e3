"""The report as a value: every byte of the tree with its reason, summed up.

Nothing in it depends on when, where or by whom it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from slimmer.model import (
    Artifact,
    Drop,
    Finding,
    Gauge,
    Kind,
    Link,
    OtherArtifact,
    Plan,
    Rescue,
    Severity,
    Tier,
)
from slimmer.packs import Component
from slimmer.rules import Mount


class Count(NamedTuple):
    """So many files (links among them) of so many bytes."""

    files: int = 0
    size_bytes: int = 0

    def plus(self, files: int, size_bytes: int) -> Count:
        """Return the count with more in it."""
        return Count(self.files + files, self.size_bytes + size_bytes)


class DroppedComponent(NamedTuple):
    """What one component, or the user's own word, took out."""

    name: str
    title: str
    tier: str
    why: str
    amount: Count


class KeptGroup(NamedTuple):
    """What is kept in one folder; ``packed_bytes`` is None where nothing was compressed."""

    path: str
    amount: Count
    packed_bytes: int | None


class TierSaving(NamedTuple):
    """What a further tier would take out beyond this build."""

    tier: Tier
    amount: Count
    packed_bytes: int | None


@dataclass(frozen=True)
class Report:
    """Everything that a build decided and made. Sizes are whole bytes."""

    target: str
    tier: Tier
    prefix: str
    written: bool
    plan: Plan
    artifact: Artifact | None
    others: tuple[OtherArtifact, ...]
    kept: Count
    dropped: Count
    linked: Count
    components: tuple[DroppedComponent, ...]
    groups: tuple[KeptGroup, ...]
    rescues: tuple[Rescue, ...]
    gauges: tuple[Gauge, ...]
    findings: tuple[Finding, ...]
    tiers: tuple[TierSaving, ...]

    @property
    def total(self) -> Count:
        """What the tree held: the sum of what is kept, dropped and linked."""
        return self.kept.plus(*self.dropped).plus(*self.linked)

    @property
    def over(self) -> bool:
        """Whether any finding fails the build."""
        return any(finding.severity is Severity.FAIL for finding in self.findings)


def count_steps(plan: Plan) -> tuple[Count, Count, Count]:
    """Return what is kept, dropped and linked; together they are the whole tree."""
    kept = dropped = linked = Count()
    for step in plan.steps:
        files = int(step.entry.kind is not Kind.DIRECTORY)
        if isinstance(step, Drop):
            dropped = dropped.plus(files, step.entry.size_bytes)
        elif isinstance(step, Link):
            linked = linked.plus(files, step.entry.size_bytes)
        else:
            kept = kept.plus(files, step.entry.size_bytes)
    return kept, dropped, linked


def dropped_components(
    plan: Plan, components: Mapping[str, Component]
) -> tuple[DroppedComponent, ...]:
    """Return what each component dropped, the largest first."""
    counts: dict[str, Count] = {}
    whys: dict[str, str] = {}
    for step in plan.steps:
        if isinstance(step, Drop):
            name = step.rule.component
            files = int(step.entry.kind is not Kind.DIRECTORY)
            counts[name] = counts.get(name, Count()).plus(files, step.entry.size_bytes)
            whys[name] = step.rule.why
    rows = []
    for name, count in counts.items():
        known = components.get(name)
        title, tier = (known.title, known.tier.label) if known else ("Named by you", "")
        if count.files:
            rows.append(DroppedComponent(name, title, tier, whys[name], count))
    return tuple(sorted(rows, key=lambda row: (-row.amount.size_bytes, row.name)))


def kept_groups(
    plan: Plan, placed: Sequence[Mount], packed: Mapping[str, int] | None
) -> tuple[KeptGroup, ...]:
    """Return what is kept by folder or application, the largest first.

    ``packed`` has the compressed bytes by path, or is None where nothing was compressed.
    """
    group_of = _GroupFinder(placed)
    counts: dict[str, Count] = {}
    packed_bytes: dict[str, int] = {}
    for step in plan.steps:
        entry = step.entry
        if isinstance(step, Drop) or entry.kind is Kind.DIRECTORY:
            continue
        group = group_of(entry.path.rpartition("/")[0])
        size_bytes = 0 if isinstance(step, Link) else entry.size_bytes
        counts[group] = counts.get(group, Count()).plus(1, size_bytes)
        if packed is not None:
            packed_bytes[group] = packed_bytes.get(group, 0) + packed[entry.path]
    rows = [
        KeptGroup(path, count, packed_bytes[path] if packed is not None else None)
        for path, count in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.amount.size_bytes, row.path)))


class _GroupFinder:
    """Finds the folder that a report sums up by: the first on the way down that a pack names."""

    def __init__(self, placed: Sequence[Mount]):
        self._placed = placed
        self._known: dict[str, str | None] = {"": None}

    def __call__(self, folder: str) -> str:
        return self._group(folder) or folder.partition("/")[0] or "."

    def _group(self, folder: str) -> str | None:
        if folder not in self._known:
            above, _, name = folder.rpartition("/")
            group = self._group(above)
            if group is None and any(mount.is_group(folder, name) for mount in self._placed):
                group = folder
            self._known[folder] = group
        return self._known[folder]


def tier_saving(
    tier: Tier, now: Plan, further: Plan, packed: Mapping[str, int] | None
) -> TierSaving:
    """Return what ``further`` drops that ``now`` ships."""
    count = Count()
    packed_bytes = 0
    for step, then in zip(now.steps, further.steps, strict=True):
        if isinstance(then, Drop) and not isinstance(step, Drop):
            entry = step.entry
            size_bytes = 0 if isinstance(step, Link) else entry.size_bytes
            count = count.plus(int(entry.kind is not Kind.DIRECTORY), size_bytes)
            packed_bytes += packed.get(entry.path, 0) if packed else 0
    return TierSaving(tier, count, packed_bytes if packed is not None else None)


def packed_by_path(plan_paths: Iterable[str], prefix: str, artifact: Artifact) -> dict[str, int]:
    """Return the compressed bytes of each path of the tree that became a member."""
    by_name = {member.name.rstrip("/"): member.packed_bytes for member in artifact.members}
    start = prefix + "/" if prefix else ""
    return {path: by_name[start + path] for path in plan_paths if start + path in by_name}
