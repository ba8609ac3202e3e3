"""The gate: zips that are deployed together, held to caps, budgets and a baseline.

Pure: what was read of the zips goes in, a judgement with its findings comes out.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from slimmer import caps as budget
from slimmer.config.budgets import Budget, Limits
from slimmer.errors import UsageError
from slimmer.inventory.inventory import Inventory, Item, Size, size_of
from slimmer.inventory.versions import doubled
from slimmer.model.accepted import accept
from slimmer.model.artifact import DeployedZip
from slimmer.model.codes import Severity
from slimmer.model.fail_on import weighed
from slimmer.model.findings import Finding, finding
from slimmer.model.limits import LimitUsage
from slimmer.rules.components import OTHER
from slimmer.rules.patterns import compile_pattern
from slimmer.sizes import exact_text, parse_percent, size_text
from slimmer.targets import Target
from slimmer.text import did_you_mean, printable

if TYPE_CHECKING:
    from slimmer.check.growth import BaselineDelta

LAYER, FUNCTION, IMAGE = "layer", "function", "image"


class CheckedZip(NamedTuple):
    """A zip under check: its role, what it holds, and what is wrong with it as a zip."""

    role: str
    inventory: Inventory
    members: int
    findings: tuple[Finding, ...] = ()
    #: What all layers of an image unpack to, where that is more than is left of them.
    unpacked_bytes: int = 0

    @property
    def name(self) -> str:
        """The zip's name, without folder."""
        return self.inventory.name

    @property
    def zip_bytes(self) -> int:
        """The size of the zip itself."""
        return self.inventory.zip_bytes or 0

    @property
    def headers_bytes(self) -> int:
        """What the zip takes beside its members' data."""
        return 0 if self.role == IMAGE else self.zip_bytes - self.inventory.size.compressed_bytes


class Gate(NamedTuple):
    """What the zips are held to. ``packs`` are the names of the packs that name components.

    From the share ``warn_at`` of a cap or budget on there is a warning. ``fail_on`` are
    the codes that fail, as :func:`weighed` takes them.
    """

    target: Target
    limits: Limits = Limits()
    warn_at: Fraction = Fraction(9, 10)
    fail_on: frozenset[str] | None = None
    budgets: tuple[Budget, ...] = ()
    packs: frozenset[str] = frozenset()
    #: The reasons for which warnings are accepted, by their codes.
    accepted: Mapping[str, str] = MappingProxyType({})


class BudgetUsage(NamedTuple):
    """A budget and how full it is."""

    budget: Budget
    usage: LimitUsage


@dataclass(frozen=True)
class CheckResult:
    """What the gate says of zips that are deployed together."""

    target: str
    zips: tuple[CheckedZip, ...]
    caps: tuple[LimitUsage, ...]
    budget_usages: tuple[BudgetUsage, ...]
    growth: BaselineDelta | None
    findings: tuple[Finding, ...]

    @property
    def over(self) -> bool:
        """Whether any finding fails."""
        return any(finding.severity is Severity.FAIL for finding in self.findings)

    @property
    def usages(self) -> tuple[LimitUsage, ...]:
        """All caps, budgets and limits of growth, with how full each is."""
        growth = self.growth.usages if self.growth else ()
        return (*self.caps, *(budget_usages.usage for budget_usages in self.budget_usages), *growth)

    @property
    def zip_bytes(self) -> int:
        """The zips' sizes, added."""
        return sum(checked.zip_bytes for checked in self.zips)

    @cached_property
    def size(self) -> Size:
        """The sum of all that is in the zips."""
        return size_of(item for checked in self.zips for item in checked.inventory.items)

    @cached_property
    def components(self) -> dict[str, Size]:
        """The sums of the components over all zips, the largest first; none without a file."""
        sizes: dict[str, Size] = {}
        for checked in self.zips:
            for name, size in checked.inventory.by_component.items():
                before = sizes.get(name, Size())
                sizes[name] = Size(*(a + b for a, b in zip(before, size, strict=True)))
        rows = [(name, size) for name, size in sizes.items() if size.files]
        return dict(
            sorted(rows, key=lambda row: (-row[1].compressed_bytes, -row[1].unzipped_bytes, row[0]))
        )


def check_zips(
    zips: Sequence[CheckedZip],
    gate: Gate,
    growth: BaselineDelta | None = None,
    found: Sequence[Finding] = (),
) -> CheckResult:
    """Return what the gate says of the zips; ``found`` is what was found inside them.

    Raises UsageError, with its place, for a budget that names nothing in them.
    """
    sizes = [DeployedZip(z.name, z.zip_bytes, _unzipped_bytes(z)) for z in zips]
    layers = sum(checked.role == LAYER for checked in zips)
    caps = budget.deployed(sizes, layers, gate.target, gate.limits)
    packed = [each for each in zip(zips, sizes, strict=True) if each[0].role != IMAGE]
    for checked, other in packed:
        caps += budget.zip_format(checked.name, checked.members, other.unzipped_bytes, gate.target)
    inventories = [checked.inventory for checked in zips]
    budget_usages = [row for each in gate.budgets for row in hold(each, inventories, gate.packs)]
    findings = [
        *found,
        *(finding for checked in zips for finding in checked.findings),
        *(finding for inventory in inventories for finding in doubled(inventory)),
        *budget.findings(caps),
        *(_over(row) for row in budget_usages if row.usage.over),
        *(growth.findings if growth else ()),
        *budget.near([*caps, *(row.usage for row in budget_usages)], gate.warn_at),
        *budget.upload_notes([(z.name, z.zip_bytes) for z, _ in packed], gate.target),
    ]
    severities = list(Severity)
    ordered = sorted(
        accept(weighed(findings, gate.fail_on), gate.accepted),
        key=lambda finding: severities.index(finding.severity),
    )
    return CheckResult(
        gate.target.name, tuple(zips), tuple(caps), tuple(budget_usages), growth, tuple(ordered)
    )


def _unzipped_bytes(checked: CheckedZip) -> int:
    return checked.unpacked_bytes or checked.inventory.size.unzipped_bytes


def parse_warn_at(text: str) -> Fraction:
    """Return the share from which on there is a warning. Raises UsageError for anything else."""
    share = parse_percent(text)
    if share is None or not 0 < share <= 1:
        raise UsageError(f"--warn-at {text!r} is not a share; write it as 90%")
    return share


def hold(
    allowed: Budget, inventories: Sequence[Inventory], packs: Collection[str]
) -> list[BudgetUsage]:
    """Return how full a budget is, zipped and unzipped, as far as it says.

    Raises UsageError, with its place, when it names nothing in the zips, or is no pattern.
    """
    items = _meant(allowed, inventories, packs)
    if not items:
        raise UsageError(f"{allowed.place}: {_names_nothing(allowed, inventories, packs)}")
    size = size_of(items)
    rows = []
    for what, actual, limit in (
        ("zipped", size.compressed_bytes, allowed.max_bytes),
        ("unzipped", size.unzipped_bytes, allowed.max_unzipped_bytes),
    ):
        if limit is not None:
            title = f"{printable(allowed.name)} {what} ({allowed.place})"
            rows.append(BudgetUsage(allowed, LimitUsage("budget", title, actual, limit)))
    return rows


def names_something(
    allowed: Budget, inventories: Sequence[Inventory], packs: Collection[str]
) -> bool:
    """Return whether a budget names anything in the zips. Raises UsageError for no pattern."""
    return bool(_meant(allowed, inventories, packs))


def _meant(allowed: Budget, inventories: Sequence[Inventory], packs: Collection[str]) -> list[Item]:
    is_meant = _finder(allowed, packs)
    return [item for inventory in inventories for item in inventory.items if is_meant(item)]


def _finder(allowed: Budget, packs: Collection[str]) -> Callable[[Item], bool]:
    """Return what says of an item whether a budget means it."""
    if names_components(allowed.name, packs):
        return lambda item: fnmatch.fnmatchcase(item.component, allowed.name)
    try:
        matches = compile_pattern(allowed.name).match
    except UsageError as error:
        raise UsageError(f"{allowed.place}: {error}") from None
    return lambda item: matches(item.path) is not None


def names_components(name: str, packs: Collection[str]) -> bool:
    """Return whether a budget's name is one for components: ``PACK/UNIT``, wildcards or not.

    Any other is a gitignore pattern for paths; to mean the path ``python/numpy``, write
    ``/python/numpy``.
    """
    pack, slash, unit = name.partition("/")
    return bool(slash and unit) and "/" not in unit and pack in {*packs, OTHER, "*"}


def _names_nothing(
    allowed: Budget, inventories: Sequence[Inventory], packs: Collection[str]
) -> str:
    zips = ", ".join(printable(inventory.name) for inventory in inventories)
    known = {name for inventory in inventories for name in inventory.by_component}
    known |= {f"{name.partition('/')[0]}/*" for name in known}
    what = "component" if names_components(allowed.name, packs) else "component or path"
    near = did_you_mean(allowed.name, known)
    hint = near if near.startswith("; did") else "; fix its name, or remove it"
    return f"the budget {printable(allowed.name)!r} names no {what} of {zips}{hint}"


def _over(row: BudgetUsage) -> Finding:
    usage = row.usage
    message = f"; {printable(row.budget.message)}" if row.budget.message else ""
    return finding(
        "over-budget",
        f"over the budget: {usage.title} {exact_text(usage.actual)}; it allows "
        f"{exact_text(usage.limit)}; {size_text(usage.actual - usage.limit)} too much{message}",
    )
