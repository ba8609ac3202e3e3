"""What is in an artifact before any slimming, and what slimming would take out of it.

Pure: made from a picture of the tree, the bytes of its files, and the verdicts at each tier.
"""

from __future__ import annotations

import heapq
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from slimmer.build.planner import plan_tree
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.ecosystems.native.foreign import RULES as FOREIGN_RULES
from slimmer.errors import InputError
from slimmer.inputs.base import Source
from slimmer.inventory.file_kinds import file_kind
from slimmer.inventory.inventory import Inventory, Item, Size
from slimmer.inventory.layers import LayerRow, layer_rows
from slimmer.inventory.versions import doubled
from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Rule, Tier
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, parents
from slimmer.transforms import BEAM_STRIP, ELF_STRIP, TransformContext, transformed

_FOLDER_ROWS = 16
_STRIPPERS = (ELF_STRIP, BEAM_STRIP)


class Row(NamedTuple):
    """A component, folder or kind of files, and its size."""

    name: str
    size: Size


class Droppable(NamedTuple):
    """A component that rules would drop, from which tier on, and why."""

    name: str
    tier: Tier
    why: str
    size: Size


class Duplicates(NamedTuple):
    """Files with the same bytes, and what all but one of them take."""

    paths: tuple[str, ...]
    wasted_bytes: int


class Unstripped(NamedTuple):
    """A file that a transform would make smaller."""

    path: str
    transform: str
    saved_bytes: int


@dataclass(frozen=True)
class Inspection:
    """What is in an artifact; every table but ``largest`` is sorted by size, largest first.

    ``tiers`` is what each tier would drop, by itself. ``foreign`` are the files that Lambda
    cannot load, each with its reason.
    """

    inventory: Inventory
    components: tuple[Row, ...]
    folders: tuple[Row, ...]
    #: Who installed the files; what nobody did is OWN.
    owners: tuple[Row, ...]
    kinds: tuple[Row, ...]
    largest: tuple[Item, ...]
    duplicates: tuple[Duplicates, ...]
    unstripped: tuple[Unstripped, ...]
    foreign: tuple[tuple[str, str], ...]
    droppable: tuple[Droppable, ...]
    #: The units that nothing reaches, from the entries or from the user's own files.
    unreached: tuple[Row, ...]
    tiers: tuple[tuple[Tier, Size], ...]
    findings: tuple[Finding, ...]
    #: What of an image each layer brought; none of what is no image.
    layers: tuple[LayerRow, ...] = ()


def inspect(question: Question, inventory: Inventory) -> Inspection:
    """Return what is in the tree of a question, whose items are those of ``inventory``.

    Where the rules cannot decide, since a link leaves the tree, say, the finding says why
    and nothing is said of what they would drop.
    """
    source = question.source
    native = Binaries(source.tree, source.read_part)
    kinds = _summed(
        inventory.items,
        lambda item: file_kind(source.tree.by_path[item.path], lambda e: bool(native.of(e))),
    )
    dropped, findings, decision = _dropped(question)
    owners = decision.owners if decision else {}
    reach = decision.reach if decision else None
    parts = {i.path: reach.part(i.path, owners[i.path]) for i in inventory.items} if reach else {}
    return Inspection(
        inventory=inventory,
        components=_summed(inventory.items, lambda item: item.component),
        folders=_folders(inventory),
        owners=_summed(inventory.items, lambda item: owners[item.path]) if decision else (),
        kinds=kinds,
        largest=tuple(sorted(inventory.items, key=lambda i: (-i.unzipped_bytes, i.path))),
        duplicates=_duplicates(source, inventory),
        unstripped=_unstripped(source, native),
        foreign=_foreign(dropped.get(question.settings.tier, {})),
        droppable=_droppable(inventory, dropped),
        unreached=_summed(
            [i for i in inventory.items if reach and parts[i.path] in reach.unreached],
            lambda item: parts[item.path],
        ),
        tiers=tuple((tier, _size(inventory, verdicts)) for tier, verdicts in dropped.items()),
        findings=(*doubled(inventory), *findings),
        layers=layer_rows(source, lambda path: owners.get(path, OWN)),
    )


def _summed(items: Iterable[Item], name_of: Callable[[Item], str]) -> tuple[Row, ...]:
    sizes: dict[str, Size] = {}
    for item in items:
        name = name_of(item)
        sizes[name] = sizes.get(name, Size()).plus(item)
    return _sorted(sizes)


def _sorted(sizes: Mapping[str, Size]) -> tuple[Row, ...]:
    rows = (Row(name, size) for name, size in sizes.items())
    return tuple(sorted(rows, key=lambda row: (-row.size.unzipped_bytes, row.name)))


def _folders(inventory: Inventory) -> tuple[Row, ...]:
    """Return folders that hold everything once: the largest is taken apart as long as it helps.

    A folder whose own files are meant, without those below, ends in ``/*``.
    """
    inside: defaultdict[str, set[str]] = defaultdict(set)
    own: dict[str, Size] = {}
    whole: dict[str, Size] = {}
    for item in inventory.items:
        own[folder_of(item.path)] = own.get(folder_of(item.path), Size()).plus(item)
        whole[""] = whole.get("", Size()).plus(item)
        for folder in parents(item.path):
            whole[folder] = whole.get(folder, Size()).plus(item)
            inside[folder_of(folder)].add(folder)
    rows: dict[str, Size] = {}
    waiting = [(0, "")] if whole else []
    while waiting:
        _, folder = heapq.heappop(waiting)
        more = len(inside[folder]) + (folder in own)
        if folder and (not inside[folder] or len(rows) + len(waiting) + more > _FOLDER_ROWS):
            rows[folder] = whole[folder]
            continue
        if folder in own:
            rows[f"{folder}/*" if folder else "*"] = own[folder]
        for below in inside[folder]:
            heapq.heappush(waiting, (-whole[below].unzipped_bytes, below))
    return _sorted(rows)


def _duplicates(source: Source, inventory: Inventory) -> tuple[Duplicates, ...]:
    by_size: defaultdict[int, list[Item]] = defaultdict(list)
    for item in inventory.items:
        if item.kind is Kind.FILE and item.unzipped_bytes:
            by_size[item.unzipped_bytes].append(item)
    found = []
    for size_bytes, items in by_size.items():
        if len(items) > 1:
            by_content: defaultdict[int, list[str]] = defaultdict(list)
            for item in items:
                crc32 = zlib.crc32(source.read(item.path)) if item.crc32 is None else item.crc32
                by_content[crc32].append(item.path)
            same = (paths for paths in by_content.values() if len(paths) > 1)
            found += [Duplicates(tuple(paths), size_bytes * (len(paths) - 1)) for paths in same]
    return tuple(sorted(found, key=lambda d: (-d.wasted_bytes, d.paths)))


def _unstripped(source: Source, native: Binaries) -> tuple[Unstripped, ...]:
    found = []
    for entry in source.tree.entries:
        if entry.kind is Kind.FILE and (native.of(entry) or entry.path.endswith(".beam")):
            data = source.read(entry.path)
            _, change = transformed(entry.path, data, _STRIPPERS, TransformContext())
            if change is not None and change.saved_bytes > 0:
                found.append(Unstripped(entry.path, change.transform, change.saved_bytes))
    return tuple(sorted(found, key=lambda u: (-u.saved_bytes, u.path)))


def _dropped(
    question: Question,
) -> tuple[dict[Tier, dict[str, Rule]], list[Finding], Decision | None]:
    """Return the rule that drops each path that is dropped, by tier, mildest first.

    Beside it what there is to say at the tier of the question, and the decision there; None
    where nothing can be decided.
    """
    dropped: dict[Tier, dict[str, Rule]] = {}
    decisions: dict[Tier, Decision] = {}
    for tier in Tier:
        try:
            decisions[tier], dropped[tier] = _drops(question.at(tier))
        except InputError as error:
            message = f"slim build would refuse it: {error}"
            return {}, [finding("cannot-build", message)], None
    decision = decisions[question.settings.tier]
    return dropped, list(decision.findings), decision


def _drops(question: Question) -> tuple[Decision, dict[str, Rule]]:
    """Return the decision, and the rule that drops each path that is dropped.

    Only base layers need the plan, which reads what ships; the decision alone is cheaper.
    """
    if question.deployment.base_layers:
        planned = plan_tree(question)
        return planned.decision, planned.drops
    decision = decide_tree(question)
    return decision, {p: v.rule for p, v in decision.verdicts.items() if v.dropped and v.rule}


def _size(inventory: Inventory, dropped: Mapping[str, Rule]) -> Size:
    size = Size()
    for item in inventory.items:
        if item.path in dropped:
            size = size.plus(item)
    return size


def _droppable(
    inventory: Inventory,
    dropped: Mapping[Tier, Mapping[str, Rule]],
) -> tuple[Droppable, ...]:
    """Return what drops at each tier beyond the ones before it, the largest first."""
    found: dict[tuple[str, Tier], Size] = {}
    whys: dict[str, str] = {}
    for item in inventory.items:
        tier = next((tier for tier, rules in dropped.items() if item.path in rules), None)
        if tier is not None:
            rule = dropped[tier][item.path]
            whys[rule.component] = rule.why
            key = (rule.component, tier)
            found[key] = found.get(key, Size()).plus(item)
    rows = (Droppable(name, tier, whys[name], size) for (name, tier), size in found.items())
    return tuple(sorted(rows, key=lambda row: (-row.size.unzipped_bytes, row.name, row.tier)))


def _foreign(dropped: Mapping[str, Rule]) -> tuple[tuple[str, str], ...]:
    foreign = ((path, rule) for path, rule in dropped.items() if rule in FOREIGN_RULES)
    return tuple((path, rule.why) for path, rule in sorted(foreign))
