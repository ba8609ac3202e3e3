"""What changed between two artifacts, for machines."""

from __future__ import annotations

from typing import Any

from slimmer import __version__
from slimmer.inventory.diff import Comparison
from slimmer.inventory.inventory import Inventory, Item, Size
from slimmer.report.document import document_text

VERSION = 1


def render_json(comparison: Comparison) -> str:
    """Return the comparison as JSON with a newline at its end; all sizes are whole bytes."""
    document = {
        "version": VERSION,
        "slim": __version__,
        "old": _inventory(comparison.old),
        "new": _inventory(comparison.new),
        "bytecode": dict(zip(("old", "new"), comparison.bytecode, strict=True)),
        "components": [
            {"name": g.component, "old": g.old._asdict(), "new": g.new._asdict()}
            for g in comparison.components
        ],
        "packages": [each._asdict() for each in comparison.packages],
        "differences": [
            {
                "what": d.what,
                "component": d.item.component,
                "executable": d.executable,
                "old": _item(d.old) if d.old else None,
                "new": _item(d.new) if d.new else None,
            }
            for d in comparison.differences
        ],
    }
    return document_text(document)


def _inventory(inventory: Inventory) -> dict[str, Any]:
    size: Size = inventory.size
    layers = inventory.layers._asdict() if inventory.layers else None
    sums = {"zip_bytes": inventory.zip_bytes, **size._asdict()}
    return {"name": inventory.name, **sums, "image": layers}


def _item(item: Item) -> dict[str, Any]:
    return {
        "path": item.path,
        "kind": item.kind.value,
        "unzipped_bytes": item.unzipped_bytes,
        "compressed_bytes": item.compressed_bytes,
        "crc32": f"{item.crc32:08x}" if item.crc32 is not None else None,
    }
