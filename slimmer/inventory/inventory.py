"""Inventories: what an artifact made by any tool consists of, as one immutable value.

A zip, a tree and the JSON report of a build all give one, so that each can be compared with,
and summed up like, any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from slimmer.formats.zip.reader import Zip, ZipMember
from slimmer.model.tree import Kind, Tree, tree_of
from slimmer.rules.components import component_finder
from slimmer.rules.packs import Pack

if TYPE_CHECKING:
    from slimmer.inventory.layers import LayerSums
    from slimmer.inventory.packages import Installed

_KINDS = {kind.value: kind for kind in Kind}
_FILE, _FOLDER = Kind.FILE.value, Kind.DIRECTORY.value


class Item(NamedTuple):
    """One file, link or empty folder of an artifact, at its path there.

    ``compressed_bytes`` is its data in the zip, as ``unzip -lv`` shows it, without headers.
    It is None in a tree. ``crc32`` is that of the content, of a link that of its target; None
    where it was not read. ``executable`` is whether a file's owner may run it; None where that is
    not told.
    """

    path: str
    kind: Kind
    component: str
    unzipped_bytes: int
    compressed_bytes: int | None = None
    crc32: int | None = None
    executable: bool | None = None


class Size(NamedTuple):
    """So many files (links among them), and their bytes unzipped and compressed."""

    files: int = 0
    unzipped_bytes: int = 0
    compressed_bytes: int = 0

    def plus(self, item: Item) -> Size:
        """Return the size with one item more."""
        return Size(
            self.files + (item.kind is not Kind.DIRECTORY),
            self.unzipped_bytes + item.unzipped_bytes,
            self.compressed_bytes + (item.compressed_bytes or 0),
        )


@dataclass(frozen=True)
class Inventory:
    """The items of an artifact in the order of their paths; ``zip_bytes`` is None for a tree."""

    name: str
    items: tuple[Item, ...]
    zip_bytes: int | None = None
    #: The packages of a distribution that its records list, where these were read.
    packages: tuple[Installed, ...] = ()
    #: The layers of an image: how many, what they take as they are stored, and what is gone again.
    layers: LayerSums | None = None

    @cached_property
    def by_path(self) -> dict[str, Item]:
        """The items by their path."""
        return {item.path: item for item in self.items}

    @cached_property
    def size(self) -> Size:
        """The sum of all items."""
        return size_of(self.items)

    @cached_property
    def by_component(self) -> dict[str, Size]:
        """The sums of the components, by their names, in the order of these."""
        sizes: dict[str, Size] = {}
        for item in self.items:
            sizes[item.component] = sizes.get(item.component, Size()).plus(item)
        return dict(sorted(sizes.items()))


def size_of(items: Iterable[Item]) -> Size:
    """Return the sum of items."""
    size = Size()
    for item in items:
        size = size.plus(item)
    return size


def inventory_of_zip(name: str, zip_bytes: int, archive: Zip, packs: Sequence[Pack]) -> Inventory:
    """Return what a zip holds, from its central directory alone.

    Of members at the same path the last is meant, as unpacking them in order has it.
    """
    members = {m.path: m for m in archive.members if m.path != "."}
    tree = tree_of((path, _KINDS[member.kind]) for path, member in members.items())
    component = component_finder(tree, packs)
    items = [
        Item(
            path,
            _KINDS[member.kind],
            component(path),
            member.size_bytes,
            member.compressed_bytes,
            member.crc32 if member.kind != _FOLDER else None,
            _executable(member),
        )
        for path, member in sorted(members.items())
        if member.kind != _FOLDER or _is_empty(tree, path)
    ]
    return Inventory(name, tuple(items), zip_bytes)


def inventory_of_tree(
    name: str, tree: Tree, packs: Sequence[Pack], crc32: Callable[[str], int] | None = None
) -> Inventory:
    """Return what a tree holds; ``crc32`` gives that of a path's content, if it is wanted."""
    component = component_finder(tree, packs)
    items = [
        Item(
            entry.path,
            entry.kind,
            component(entry.path),
            len(entry.target.encode("utf-8", "surrogateescape")) or entry.size_bytes,
            None,
            crc32(entry.path) if crc32 and entry.kind is not Kind.DIRECTORY else None,
            entry.executable if entry.kind is Kind.FILE else None,
        )
        for entry in tree.entries
        if entry.kind is not Kind.DIRECTORY or _is_empty(tree, entry.path)
    ]
    return Inventory(name, tuple(items))


def _executable(member: ZipMember) -> bool | None:
    if member.kind != _FILE or member.mode is None:
        return None
    return bool(member.mode & 0o100)


def _is_empty(tree: Tree, folder: str) -> bool:
    return all(entry.path == folder for entry in tree.below(folder))
