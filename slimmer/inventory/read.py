"""Reading inventories: of a zip, a folder or a report, by whatever name a user gives."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

from slimmer.inputs.folder import Folder, scan
from slimmer.inputs.zip_file import read_archive
from slimmer.inventory.inventory import Inventory, inventory_of_tree, inventory_of_zip
from slimmer.inventory.read_report import inventory_of_report
from slimmer.model.tree import Entry, Kind
from slimmer.rules.packs import Pack
from slimmer.text import printable


def read_inventory(path: Path, packs: Sequence[Pack], *, digests: bool = True) -> Inventory:
    """Return what a zip or a folder holds, or the zip of a build's JSON report.

    Of a zip only the central directory is read. Of a folder every file is, unless ``digests``
    is off. Raises InputError for what is none of them, and for what cannot be read.
    """
    name = path.name or str(path)
    if not path.is_dir():
        if _is_json(path):
            return inventory_of_report(printable(str(path)), path.read_bytes())
        archive, zip_bytes = read_archive(path)
        return inventory_of_zip(name, zip_bytes, archive, packs)
    folder = scan(path)
    entries = folder.tree.by_path
    return inventory_of_tree(
        name, folder.tree, packs, (lambda p: _crc32(folder, entries[p])) if digests else None
    )


def _is_json(path: Path) -> bool:
    """Return whether a file begins as a JSON object does; a zip never does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip()[:1] == b"{"


def _crc32(folder: Folder, entry: Entry) -> int:
    if entry.kind is Kind.LINK:
        return zlib.crc32(entry.target.encode("utf-8", "surrogateescape"))
    return zlib.crc32(folder.read(entry.path)) if entry.kind is Kind.FILE else 0
