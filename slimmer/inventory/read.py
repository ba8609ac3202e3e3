"""Reading inventories: of a zip, a folder or a report, by whatever name a user gives."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from slimmer.inputs.base import Source
from slimmer.inputs.open import open_source
from slimmer.inputs.zip_file import check_members
from slimmer.inputs.zip_tree import MAX_UNZIPPED_BYTES, ZipTree
from slimmer.inventory.inventory import Inventory, inventory_of_tree, inventory_of_zip
from slimmer.inventory.layers import layer_sums
from slimmer.inventory.npm_versions import npm_versions
from slimmer.inventory.packages import packages_of
from slimmer.inventory.read_report import inventory_of_report
from slimmer.model.tree import Entry, Kind
from slimmer.rules.packs import Pack
from slimmer.text import printable


def read_inventory(path: Path, packs: Sequence[Pack], *, digests: bool = True) -> Inventory:
    """Return what a zip, a tar or a folder holds, or the zip of a build's JSON report.

    Of a zip every member is unpacked once, up to 4 GB of them: what its directory says of a
    member must be so. Of a folder and a tar every file is read, and of an image every layer, unless
    ``digests`` is off. Raises InputError for anything else, and for what cannot be read.
    """
    if _is_report(path):
        return inventory_of_report(printable(str(path)), path.read_bytes())
    return inventory_of(path, open_source(path), packs, digests=digests)


def inventory_of(path: Path, source: Source, packs: Sequence[Pack], *, digests: bool) -> Inventory:
    """Return what the source that was opened at a path holds, as ``read_inventory`` does."""
    name = path.name or str(path)
    if isinstance(source, ZipTree):
        if source.unzipped_bytes <= MAX_UNZIPPED_BYTES:
            check_members(path, source.archive)
        found = inventory_of_zip(name, source.zip_bytes, source.archive, packs)
        if source.unzipped_bytes > MAX_UNZIPPED_BYTES:
            return found
    else:
        entries = source.tree.by_path
        found = inventory_of_tree(
            name, source.tree, packs, (lambda p: _crc32(source, entries[p])) if digests else None
        )
    return replace(
        found,
        packages=packages_of(source),
        layers=layer_sums(source) if digests else None,
        npm=npm_versions(source) if digests else {},
    )


def _is_report(path: Path) -> bool:
    """Return whether a file begins as a JSON object does; a zip never does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] == b"{"


def _crc32(source: Source, entry: Entry) -> int:
    if entry.kind is Kind.LINK:
        return zlib.crc32(entry.target.encode("utf-8", "surrogateescape"))
    return zlib.crc32(source.read(entry.path)) if entry.kind is Kind.FILE else 0
