"""What changed between two artifacts: by file, and summed up by component.

Pure comparison of two inventories. A file is the same where its bytes are: by its size and
CRC-32, which chance makes equal for one pair of different files in four billion. Where both
sides tell whether it may be run, it must be the same in that too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from slimmer.formats.python import pyc
from slimmer.inventory.inventory import Inventory, Item, Size
from slimmer.inventory.packages import PackageDelta, changed
from slimmer.inventory.versions import version_text, versions_of
from slimmer.rules.components import without_version
from slimmer.sizes import count_text

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"


class Difference(NamedTuple):
    """One item that is not in both artifacts with the same bytes at the same path.

    What is ``moved`` has the same bytes at another path; what is ``changed`` has the same
    path, but for versions in the names of folders.
    """

    what: str
    old: Item | None
    new: Item | None

    @property
    def item(self) -> Item:
        """The new item, or the old one where it is gone."""
        item = self.new or self.old
        assert item is not None  # noqa: S101 - one of the two is there
        return item

    @property
    def executable(self) -> bool | None:
        """Whether it may now be run, where before it was the other way; else None."""
        old, new = self.old, self.new
        return new.executable if old and new and _other_mode(old, new) else None

    @property
    def unzipped_bytes(self) -> int:
        """By how much it grew, unzipped."""
        old, new = self.old, self.new
        return (new.unzipped_bytes if new else 0) - (old.unzipped_bytes if old else 0)

    @property
    def compressed_bytes(self) -> int:
        """By how much it grew in the zip; nothing means nothing where either is no zip."""
        old, new = self.old, self.new
        return ((new.compressed_bytes or 0) if new else 0) - (
            (old.compressed_bytes or 0) if old else 0
        )


class ComponentDelta(NamedTuple):
    """A component of both artifacts or of one; what is not there has no files."""

    component: str
    old: Size
    new: Size

    @property
    def unzipped_bytes(self) -> int:
        """By how much it grew, unzipped."""
        return self.new.unzipped_bytes - self.old.unzipped_bytes

    @property
    def compressed_bytes(self) -> int:
        """By how much it grew in the zip."""
        return self.new.compressed_bytes - self.old.compressed_bytes


@dataclass(frozen=True)
class Comparison:
    """Two artifacts and what is different, in the order of paths."""

    old: Inventory
    new: Inventory
    differences: tuple[Difference, ...]

    @cached_property
    def components(self) -> tuple[ComponentDelta, ...]:
        """The components in which anything is different, what grew most first.

        One that a file belongs to only because of other files is among them.
        """
        names = {item.component for d in self.differences for item in (d.old, d.new) if item}
        here, there = self.old.by_component, self.new.by_component
        names |= {n for n in here.keys() | there.keys() if _moved(here.get(n), there.get(n))}
        rows = [
            ComponentDelta(
                name,
                self.old.by_component.get(name, Size()),
                self.new.by_component.get(name, Size()),
            )
            for name in names
        ]
        return tuple(sorted(rows, key=lambda g: (-g.compressed_bytes, -g.unzipped_bytes, g[0])))

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of the components that tell them, such as ``2.3.3 -> 3.1.1``."""
        here, there = versions_of(self.old), versions_of(self.new)
        names = here.keys() | there.keys()
        return {n: version_text(here.get(n, ()), there.get(n, ())) for n in names}

    @cached_property
    def bytecode(self) -> tuple[int, int]:
        """How many of Python's modules had bytecode, and how many of these have some now.

        Only modules that are on both sides count.
        """
        had, have = ({p for p in map(pyc.source_of, i.by_path) if p} for i in (self.old, self.new))
        both = self.old.by_path.keys() & self.new.by_path.keys()
        return len(had & both), len(had & have & both)

    @property
    def lost_bytecode(self) -> str:
        """What it costs that most modules lost their bytecode, for people; empty if they did not.

        Fewer bytes are then no gain.
        """
        had, have = self.bytecode
        if 2 * have >= had:
            return ""
        return (
            f"bytecode: {had - have:,} of {count_text(had, 'module')} lost it, and Python compiles "
            "them at each cold start"
        )

    @cached_property
    def packages(self) -> tuple[PackageDelta, ...]:
        """The packages of a distribution that came, went or have another version."""
        return changed(self.old.packages, self.new.packages)

    @property
    def knows_zipped(self) -> bool:
        """Whether both are zips, or made from one."""
        return self.old.zip_bytes is not None and self.new.zip_bytes is not None


def _moved(old: Size | None, new: Size | None) -> bool:
    return (old or Size())[:2] != (new or Size())[:2]


def compare(old: Inventory, new: Inventory) -> Comparison:
    """Return what is different in ``new``.

    Packing a tree may change who runs a file, so between a tree and a zip only bytes count.
    """
    if (old.zip_bytes is None) != (new.zip_bytes is None):
        old, new = _without_modes(old), _without_modes(new)
    here, there = old.by_path, new.by_path
    both = here.keys() & there.keys()
    found = [Difference(CHANGED, here[p], there[p]) for p in both if not _same(here[p], there[p])]
    gone = [item for item in old.items if item.path not in both]
    come = [item for item in new.items if item.path not in both]
    pairs = dict(_pairs(gone, come))
    paired = set(pairs.values())
    for before, after in pairs.items():
        found.append(Difference(MOVED if _same(before, after) else CHANGED, before, after))
    found += [Difference(REMOVED, item, None) for item in gone if item not in pairs]
    found += [Difference(ADDED, None, item) for item in come if item not in paired]
    return Comparison(old, new, tuple(sorted(found, key=lambda d: (d.item.path, d.what))))


def _without_modes(inventory: Inventory) -> Inventory:
    items = tuple(item._replace(executable=None) for item in inventory.items)
    return replace(inventory, items=items)


def _same(old: Item, new: Item) -> bool:
    """Return whether two items have the same bytes and may both be run, as far as is known."""
    if (old.kind, old.unzipped_bytes) != (new.kind, new.unzipped_bytes):
        return False
    if _other_mode(old, new):
        return False
    return old.crc32 == new.crc32 or old.crc32 is None or new.crc32 is None


def _other_mode(old: Item, new: Item) -> bool:
    return {old.executable, new.executable} == {True, False}


def _pairs(gone: Sequence[Item], come: Sequence[Item]) -> Iterator[tuple[Item, Item]]:
    """Yield what is the same file at another path: but for its version, else by its bytes."""
    by_name = _twins(gone, come, lambda item: _plain(item.path))
    yield from by_name
    old = {before for before, _ in by_name}
    new = {after for _, after in by_name}
    yield from _twins(
        [item for item in gone if item not in old and item.unzipped_bytes],
        [item for item in come if item not in new and item.unzipped_bytes],
        lambda item: (item.kind, item.unzipped_bytes, item.crc32),
    )


def _twins(
    gone: Iterable[Item], come: Iterable[Item], key: Callable[[Item], Hashable]
) -> list[tuple[Item, Item]]:
    """Return pairs of the same key, in the order of their paths as long as both have some."""
    waiting: defaultdict[Hashable, list[Item]] = defaultdict(list)
    for item in reversed(list(come)):
        waiting[key(item)].append(item)
    return [(item, waiting[key(item)].pop()) for item in gone if waiting[key(item)]]


def _plain(path: str) -> str:
    return "/".join(map(without_version, path.split("/")))
