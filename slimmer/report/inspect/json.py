"""What is in an artifact, for machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slimmer import __version__
from slimmer.inventory.inspection import Inspection, Row
from slimmer.inventory.inventory import Size
from slimmer.inventory.layers import LayerRow
from slimmer.model.rules import Tier
from slimmer.report.document import document_text, finding_rows

VERSION = 1


def render_json(inspection: Inspection) -> str:
    """Return the inspection as JSON with a newline at its end; all sizes are whole bytes."""
    inventory = inspection.inventory
    document = {
        "version": VERSION,
        "slim": __version__,
        "name": inventory.name,
        "zip_bytes": inventory.zip_bytes,
        **inventory.size._asdict(),
        "components": _named(inspection.components),
        "folders": _named(inspection.folders),
        "owners": _named(inspection.owners),
        "kinds": _named(inspection.kinds),
        "packages": [each._asdict() for each in inventory.packages],
        "layers": [_layer_row(row) for row in inspection.layers],
        "duplicates": [d._asdict() for d in inspection.duplicates],
        "unstripped": [u._asdict() for u in inspection.unstripped],
        "foreign": [{"path": path, "why": why} for path, why in inspection.foreign],
        "droppable": [
            {"name": d.name, "tier": d.tier.label, "why": d.why, **d.size._asdict()}
            for d in inspection.droppable
        ],
        "unreached": _named(inspection.unreached),
        "tiers": [_tier_row(tier, size) for tier, size in inspection.tiers],
        "findings": finding_rows(inspection.findings),
        "files": [
            {
                "path": item.path,
                "component": item.component,
                "unzipped_bytes": item.unzipped_bytes,
                "compressed_bytes": item.compressed_bytes,
            }
            for item in inspection.largest
        ],
    }
    return document_text(document)


def _named(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{"name": row.name, **row.size._asdict()} for row in rows]


def _tier_row(tier: Tier, size: Size) -> dict[str, Any]:
    return {"tier": tier.label, **size._asdict()}


def _layer_row(row: LayerRow) -> dict[str, Any]:
    return {
        **row._asdict(),
        "brought": [{"name": name, "unzipped_bytes": size} for name, size in row.brought],
        "gone": [each._asdict() for each in row.gone],
    }
