"""Growth: what became of the artifacts of a baseline, and whether that is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, NoReturn

from slimmer.check.baseline import Baseline, Recorded
from slimmer.errors import UsageError
from slimmer.inventory.diff import Comparison, ComponentDelta, Difference, compare
from slimmer.inventory.inventory import Inventory, Item, Size, size_of
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.model.tree import Kind
from slimmer.sizes import exact_text, growth_text, parse_percent, parse_size, size_text
from slimmer.text import printable

ZIPPED, UNZIPPED = "growth", "growth-unzipped"  # the names of the two gauges

_NAMED = 3  # components that a finding names


class Allowance(NamedTuple):
    """By how much what is deployed may grow: by a share of what it was, or by bytes."""

    text: str
    share: Fraction = Fraction(0)
    size_bytes: int = 0

    def limit(self, before_bytes: int) -> int:
        """Return the most that so many bytes may have become; a fraction is cut off."""
        return before_bytes + int(before_bytes * self.share) + self.size_bytes


@dataclass(frozen=True)
class BaselineDelta:
    """What became of the artifacts of a baseline, called ``name``, one comparison for each."""

    name: str
    baseline: Baseline
    comparisons: tuple[Comparison, ...]
    usages: tuple[LimitUsage, ...]

    @property
    def zipped_bytes(self) -> int:
        """By how much the zips grew."""
        return sum((c.new.zip_bytes or 0) - (c.old.zip_bytes or 0) for c in self.comparisons)

    @property
    def unzipped_bytes(self) -> int:
        """By how much they grew, unzipped."""
        return sum(c.new.size.unzipped_bytes - c.old.size.unzipped_bytes for c in self.comparisons)

    @property
    def findings(self) -> list[Finding]:
        """A failure for each sum that grew too much, with the components that grew most.

        Where a zip lost its bytecode, which looks like a gain, there is a warning.
        """
        lost = [(each.new.name, each.lost_bytecode) for each in self.comparisons]
        return [
            *(_too_much(self, usage) for usage in self.usages if usage.over),
            *(finding("bytecode-lost", f"{printable(n)}: {said}") for n, said in lost if said),
        ]

    @cached_property
    def components(self) -> tuple[ComponentDelta, ...]:
        """The components of all zips that are not what they were, what grew most first."""
        sums: dict[str, tuple[Size, Size]] = {}
        for comparison in self.comparisons:
            here, there = comparison.old.by_component, comparison.new.by_component
            for name in here.keys() | there.keys():
                old, new = sums.get(name, (Size(), Size()))
                both = _added(old, here.get(name)), _added(new, there.get(name))
                sums[name] = both
        changed = {item.component for d in self.differences for item in (d.old, d.new) if item}
        rows = [
            ComponentDelta(name, old, new)
            for name, (old, new) in sums.items()
            if old[1:] != new[1:] or name in changed
        ]
        return tuple(sorted(rows, key=lambda g: (-g.compressed_bytes, -g.unzipped_bytes, g[0])))

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """The files of all zips that are not what they were, what grew most first."""
        every = [d for comparison in self.comparisons for d in comparison.differences]
        return tuple(
            sorted(every, key=lambda d: (-d.compressed_bytes, -d.unzipped_bytes, d.item.path))
        )

    @property
    def headers_bytes(self) -> int:
        """By how much what the zips take beside their members' data grew."""
        return self.zipped_bytes - sum(row.compressed_bytes for row in self.components)


def parse_allowance(text: str) -> Allowance:
    """Return what ``2%``, ``100kB`` or ``0`` allows. Raises UsageError for anything else."""
    share = parse_percent(text)
    if share is not None:
        return Allowance(text.strip(), share=share)
    if text.strip() == "0":
        return Allowance("0")
    try:
        return Allowance(text.strip(), size_bytes=parse_size(text))
    except UsageError:
        raise UsageError(f"{text!r} is not a growth limit; write it as 2%, 100kB or 0") from None


def compare_with_baseline(
    name: str,
    baseline: Baseline,
    now: Sequence[tuple[str, Inventory]],
    allowance: Allowance | None,
) -> BaselineDelta:
    """Return what became of a baseline; ``now`` are the zips with their roles.

    Raises UsageError for the baseline of other artifacts than these.
    """
    pairs = _paired(name, baseline, now)
    comparisons = tuple(compare(_inventory_of(old, new), _folded(old, new)) for old, new in pairs)
    if allowance is None:
        return BaselineDelta(name, baseline, comparisons, ())
    zipped = [(old.zip_bytes, new.zip_bytes or 0) for old, new in pairs]
    unzipped = [(old.size.unzipped_bytes, new.size.unzipped_bytes) for old, new in pairs]
    usages = [
        LimitUsage(
            usage,
            f"{what} since {printable(name)} (--max-growth {allowance.text})",
            sum(new for _, new in sums),
            allowance.limit(sum(old for old, _ in sums)),
        )
        for usage, what, sums in (
            (ZIPPED, "zipped", zipped),
            (UNZIPPED, "unzipped", unzipped),
        )
    ]
    return BaselineDelta(name, baseline, comparisons, tuple(usages))


def _paired(
    name: str, baseline: Baseline, now: Sequence[tuple[str, Inventory]]
) -> list[tuple[Recorded, Inventory]]:
    """Return each artifact of the baseline with the zip of its role and name."""
    waiting = list(baseline.artifacts)
    pairs = []
    for role, inventory in now:
        old = next((a for a in waiting if (a.role, a.name) == (role, inventory.name)), None)
        if old is None:
            _fail_other(name, baseline, [f"{r} {printable(i.name)}" for r, i in now])
        waiting.remove(old)
        pairs.append((old, inventory))
    if waiting:
        _fail_other(name, baseline, [f"{r} {printable(i.name)}" for r, i in now])
    return pairs


def _fail_other(name: str, baseline: Baseline, now: Sequence[str]) -> NoReturn:
    budget_usages = ", ".join(artifact.title for artifact in baseline.artifacts)
    raise UsageError(
        f"{printable(name)}: it is the baseline of {budget_usages}, not of {', '.join(now)}; "
        "name the same zips, or write it again with --update-baseline"
    )


def _inventory_of(old: Recorded, new: Inventory) -> Inventory:
    """Return what a baseline holds as an inventory, where one item stands for all unlisted."""
    items = []
    for part in old.parts:
        listed = [
            Item(f.path, Kind.FILE, part.name, f.unzipped_bytes, f.compressed_bytes, f.crc32)
            for f in part.listed
        ]
        items += listed
        if len(listed) < part.size.files:
            items.append(_rest(part.name, part.size, size_of(listed)))
    return Inventory(new.name, tuple(sorted(items)), old.zip_bytes)


def _folded(old: Recorded, new: Inventory) -> Inventory:
    """Return the zip with the same files listed, and those that are larger than any unlisted."""
    items = [i._replace(kind=Kind.FILE) for i in new.items if i.kind is not Kind.DIRECTORY]
    if old.is_whole:
        return Inventory(new.name, tuple(items), new.zip_bytes)
    shown = [
        item
        for item in items
        if item.path in old.listed or (item.compressed_bytes or 0) > old.least_bytes
    ]
    listed: dict[str, Size] = {}
    for item in shown:
        listed[item.component] = listed.get(item.component, Size()).plus(item)
    for name, size in new.by_component.items():
        if size.files > listed.get(name, Size()).files:
            shown.append(_rest(name, size, listed.get(name, Size())))
    return Inventory(new.name, tuple(sorted(shown)), new.zip_bytes)


def _rest(component: str, whole: Size, listed: Size) -> Item:
    unzipped = whole.unzipped_bytes - listed.unzipped_bytes
    compressed = whole.compressed_bytes - listed.compressed_bytes
    return Item(f"(smaller files of {component})", Kind.FILE, component, unzipped, compressed, 0)


def _added(size: Size, more: Size | None) -> Size:
    return Size(*(a + b for a, b in zip(size, more or Size(), strict=True)))


def _too_much(growth: BaselineDelta, usage: LimitUsage) -> Finding:
    is_zipped = usage.name == ZIPPED
    rows = [
        (row.compressed_bytes if is_zipped else row.unzipped_bytes, row.component)
        for row in growth.components
    ]
    most = sorted((row for row in rows if row[0] > 0), key=lambda row: (-row[0], row[1]))[:_NAMED]
    named = ", ".join(f"{printable(name)} {growth_text(grew)}" for grew, name in most)
    return finding(
        "over-growth",
        f"grown too much: {usage.title} {exact_text(usage.actual)}; it may be "
        f"{exact_text(usage.limit)}; {size_text(usage.actual - usage.limit)} too much"
        + (f"; most grew {named}" if named else ""),
    )
