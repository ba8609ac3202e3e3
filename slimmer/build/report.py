"""The report as a value: every byte of the tree with its reason, summed up.

Nothing in it depends on when, where or by whom it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from slimmer.build.bytecode_report import Bytecode
from slimmer.build.measure import Measure
from slimmer.build.ships import Ships
from slimmer.model.artifact import Artifact, DeployedZip, Layer, Member
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.model.owners import OWN
from slimmer.model.plan import Drop, Generated, Link, Plan, Step
from slimmer.model.rules import Rescue, Rule, Tier
from slimmer.model.tree import Kind, tree_of
from slimmer.paths import folder_of, join
from slimmer.rules.components import GroupFinder, component_finder
from slimmer.rules.engine import PackRoot
from slimmer.rules.packs import Component, Pack
from slimmer.sizes import size_text
from slimmer.text import printable
from slimmer.transforms import TRANSFORMS

VERSION = 1
_UNMEASURED: Mapping[str, int] = MappingProxyType({})


class Count(NamedTuple):
    """So many files (links among them) of so many bytes, as the tree has them.

    ``zip_bytes`` is what they would take in the zip, its headers included, where that was
    measured (``Report.measured``), else 0.
    """

    files: int = 0
    size_bytes: int = 0
    zip_bytes: int = 0

    def plus(self, files: int, size_bytes: int, zip_bytes: int = 0) -> Count:
        """Return the count with more in it."""
        zip_bytes += self.zip_bytes
        return Count(self.files + files, self.size_bytes + size_bytes, zip_bytes)


class DroppedComponent(NamedTuple):
    """What one component, or the user's own word, took out."""

    name: str
    title: str
    tier: str
    why: str
    amount: Count
    #: Whether a function could use it, so that it is dropped since few do.
    public: bool


class KeptGroup(NamedTuple):
    """What is kept in one folder: of the tree, and as members of the zip if there is one."""

    path: str
    amount: Count
    unzipped_bytes: int | None
    zip_bytes: int | None

    @property
    def shown_bytes(self) -> int:
        """The unzipped bytes, or what is known of them before anything is packed."""
        return self.amount.size_bytes if self.unzipped_bytes is None else self.unzipped_bytes


class TransformRow(NamedTuple):
    """What one transform saved, and each file (path, reason) that it refused to change.

    ``inside``: how many members each component dropped from archives. ``saved_zip_bytes``
    is what it saved in the zip, None where that was not measured.
    """

    name: str
    title: str
    files: int
    saved_bytes: int
    refused: tuple[tuple[str, str], ...]
    inside: tuple[tuple[str, int], ...] = ()
    saved_zip_bytes: int | None = None

    @property
    def reasons(self) -> dict[str, list[str]]:
        """Why files stay as they are, each reason with their paths, the most frequent first."""
        found: dict[str, list[str]] = {}
        for path, reason in self.refused:
            found.setdefault(reason, []).append(path)
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


class Saving(NamedTuple):
    """What a build with another option would drop beyond this one."""

    #: The option as people write it: ``--tier aggressive``.
    option: str
    amount: Count
    zip_bytes: int | None

    @property
    def text(self) -> str:
        """What would be saved, for people."""
        zipped = f", {size_text(self.zip_bytes)} zipped" if self.zip_bytes else ""
        return f"{size_text(self.amount.size_bytes)} unzipped{zipped}"


@dataclass(frozen=True)
class Report:
    """Everything that a build decided and made. Sizes are whole bytes.

    ``measured`` is what the tree's own files would take in the zip, of those that are not in it
    as they were; None unless it was asked for. ``packs`` name what ships.
    """

    target: str
    tier: Tier
    prefix: str
    written: bool
    plan: Plan
    artifacts: tuple[Artifact, ...]
    siblings: tuple[DeployedZip, ...]
    kept: Count
    dropped: Count
    linked: Count
    components: tuple[DroppedComponent, ...]
    groups: tuple[KeptGroup, ...]
    transforms: tuple[TransformRow, ...]
    rescues: tuple[Rescue, ...]
    usages: tuple[LimitUsage, ...]
    findings: tuple[Finding, ...]
    savings: tuple[Saving, ...]
    bytecode: Bytecode | None = None
    verified: bool | None = None  # what --verify found, where it was asked for
    measured: Mapping[str, Measure] | None = None
    packs: tuple[Pack, ...] = ()
    #: The layers that the zip is parted into, in the order in which they are attached.
    layers: tuple[Layer, ...] = ()
    #: What ships, for auditors, where that was asked for.
    ships: Ships | None = None
    #: Who installed each path of the tree, or OWN.
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Count:
        """What the tree held: the sum of what is kept, dropped and linked."""
        return self.kept.plus(*self.dropped).plus(*self.linked)

    @property
    def artifact(self) -> Artifact | None:
        """The one zip of the build; None where nothing was packed."""
        return self.artifacts[0] if self.artifacts else None

    @cached_property
    def members(self) -> dict[str, Member]:
        """The members of the zip by their path in the tree; none where nothing was packed."""
        return members_by_path(self.plan, self.prefix, self.artifact) if self.artifact else {}

    @cached_property
    def component_of(self) -> dict[str, str]:
        """The component of what ships, by its path in the tree, as the zip itself names it."""
        shipped = {join(self.prefix, step.entry.path): step.entry for step in self.plan.shipped}
        find = component_finder(tree_of((n, e.kind) for n, e in shipped.items()), self.packs)
        return {entry.path: find(name) for name, entry in shipped.items()}

    @cached_property
    def empty_folders(self) -> frozenset[str]:
        """The folders in the artifact that nothing is in; of an image's all are members."""
        return frozenset(self.members.keys() & self.component_of.keys())

    def owner_of(self, step: Step | Generated) -> str:
        """Return who installed the entry of a step; of bytecode that was made, its source."""
        path = step.source if isinstance(step, Generated) else step.entry.path
        return self.owners.get(path, OWN)

    @property
    def over(self) -> bool:
        """Whether any finding fails the build."""
        return any(finding.severity is Severity.FAIL for finding in self.findings)


def packed_in_tree(
    members: Mapping[str, Member], measured: Mapping[str, Measure] | None
) -> Mapping[str, int]:
    """Return what each file of the tree takes in the zip as it is in the tree, in bytes.

    Nothing where that was not measured.
    """
    if measured is None:
        return _UNMEASURED
    shipped = {p: m.zip_bytes for p, m in members.items() if not m.name.endswith("/")}
    return shipped | {path: measure.zip_bytes for path, measure in measured.items()}


def count_steps(plan: Plan, packed: Mapping[str, int] = _UNMEASURED) -> tuple[Count, Count, Count]:
    """Return what is kept, dropped and linked; together they are the whole tree."""
    kept = dropped = linked = Count()
    for step in plan.steps:
        entry = step.entry
        sizes = (int(entry.kind is not Kind.DIRECTORY), entry.size_bytes, packed.get(entry.path, 0))
        if isinstance(step, Drop):
            dropped = dropped.plus(*sizes)
        elif isinstance(step, Link):
            linked = linked.plus(*sizes)
        else:
            kept = kept.plus(*sizes)
    return kept, dropped, linked


def dropped_components(
    plan: Plan, components: Mapping[str, Component], packed: Mapping[str, int] = _UNMEASURED
) -> tuple[DroppedComponent, ...]:
    """Return what each component dropped, the largest first."""
    counts: dict[str, Count] = {}
    rules: dict[str, Rule] = {}
    for step in plan.steps:
        if isinstance(step, Drop):
            name, entry = step.rule.component, step.entry
            files = int(entry.kind is not Kind.DIRECTORY)
            sizes = (files, entry.size_bytes, packed.get(entry.path, 0))
            counts[name] = counts.get(name, Count()).plus(*sizes)
            rules[name] = step.rule
    rows = []
    for name, count in counts.items():
        known = components.get(name)
        title = known.title if known else rules[name].title or name
        tier = known.tier.label if known else ""
        public = known is not None and known.public
        if count.files:
            rows.append(DroppedComponent(name, title, tier, rules[name].why, count, public))
    return tuple(sorted(rows, key=lambda row: (-row.amount.size_bytes, row.name)))


def kept_groups(
    plan: Plan, pack_roots: Sequence[PackRoot], members: Mapping[str, Member] | None
) -> tuple[KeptGroup, ...]:
    """Return what is kept by folder or application, the largest first.

    ``members`` are those of the zip by their path in the tree, or None where there is none.
    """
    named = GroupFinder(pack_roots, lambda _, folder: folder)

    def group_of(path: str) -> str:
        folder = folder_of(path)
        return named(folder) or folder.partition("/")[0] or "."

    counts: dict[str, Count] = {}
    unzipped: Counter[str] = Counter()
    packed: Counter[str] = Counter()
    for step in plan.steps:
        entry = step.entry
        if isinstance(step, Drop) or entry.kind is Kind.DIRECTORY:
            continue
        group = group_of(entry.path)
        size_bytes = 0 if isinstance(step, Link) else entry.size_bytes
        counts[group] = counts.get(group, Count()).plus(1, size_bytes)
        if members is not None:
            unzipped[group] += members[entry.path].size_bytes
            packed[group] += members[entry.path].zip_bytes
    for generated in plan.generated:
        group = group_of(generated.source)
        if members is not None:
            unzipped[group] += members[generated.entry.path].size_bytes
            packed[group] += members[generated.entry.path].zip_bytes
    rows = [
        KeptGroup(
            path, count, *((unzipped[path], packed[path]) if members is not None else (None, None))
        )
        for path, count in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.shown_bytes, row.path)))


def saving_by(
    option: str, now: Plan, further: Plan, members: Mapping[str, Member] | None
) -> Saving:
    """Return what ``further`` drops that ``now`` ships."""
    count = Count()
    zip_bytes = 0
    for step, then in zip(now.steps, further.steps, strict=True):
        if isinstance(then, Drop) and not isinstance(step, Drop):
            entry = step.entry
            member = members.get(entry.path) if members else None
            size_bytes = 0 if isinstance(step, Link) else entry.size_bytes
            files = int(entry.kind is not Kind.DIRECTORY)
            count = count.plus(files, member.size_bytes if member else size_bytes)
            zip_bytes += member.zip_bytes if member else 0
    return Saving(option, count, zip_bytes if members is not None else None)


def members_by_path(plan: Plan, prefix: str, artifact: Artifact) -> dict[str, Member]:
    """Return the members of a zip by their path in the tree."""
    by_name = {member.name.rstrip("/"): member for member in artifact.members}
    paths = [step.entry.path for step in (*plan.steps, *plan.generated)]
    named = ((path, by_name.get(join(prefix, path))) for path in paths)
    return {path: member for path, member in named if member is not None}


def transform_rows(
    members: Mapping[str, Member], packed: Mapping[str, int] = _UNMEASURED
) -> tuple[TransformRow, ...]:
    """Return what each transform did, in the order of their table."""
    rows = []
    for name, transform in TRANSFORMS.items():
        changes = [
            (p, m.change) for p, m in members.items() if m.change and m.change.transform == name
        ]
        applied = [(path, c.saved_bytes) for path, c in changes if c.applied]
        saved_packed = [packed[p] - members[p].zip_bytes for p, _ in applied if p in packed]
        refused = tuple((path, change.refused) for path, change in changes if change.refused)
        inside = Counter(component for _, c in changes for _, component in c.left_out)
        if changes:
            saved = sum(saved_bytes for _, saved_bytes in applied)
            row = TransformRow(name, transform.title, len(applied), saved, refused)
            row = row._replace(saved_zip_bytes=sum(saved_packed) if packed else None)
            rows.append(row._replace(inside=tuple(sorted(inside.items()))))
    return tuple(rows)


def broken_files(members: Mapping[str, Member]) -> list[Finding]:
    """Return a warning for each file that a transform could not understand."""
    return [
        finding(
            "not-understood",
            f"{printable(path)}: {member.change.transform} cannot understand it "
            f"({member.change.broken}); kept as it is",
        )
        for path, member in members.items()
        if member.change and member.change.broken
    ]
