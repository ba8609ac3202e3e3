"""What the gate says, for machines: JSON, versioned, as check.schema.json has it."""

from __future__ import annotations

from typing import Any

from slimmer import __version__
from slimmer.check.gate import BudgetUsage, CheckResult
from slimmer.check.growth import BaselineDelta
from slimmer.inventory.inventory import Size
from slimmer.report.document import cap_row, document_text, finding_rows

VERSION = 1


def render_json(result: CheckResult) -> str:
    """Return the judgement as JSON with a newline at its end; all sizes are whole bytes.

    A name that is not UTF-8 has its odd bytes as escaped surrogates, as Python reads them.
    """
    document = {
        "version": VERSION,
        "slim": __version__,
        "target": result.target,
        "ok": not result.over,
        "zips": [
            {
                "role": checked.role,
                "name": checked.name,
                "zip_bytes": checked.zip_bytes,
                "headers_bytes": checked.headers_bytes,
                "members": checked.members,
                **checked.inventory.size._asdict(),
            }
            for checked in result.zips
        ],
        "total": {"zip_bytes": result.zip_bytes, **result.size._asdict()},
        "components": [_sized(name, size) for name, size in result.components.items()],
        "caps": [cap_row(usage) for usage in result.caps],
        "budgets": [_held(budget_usages) for budget_usages in result.budget_usages],
        "growth": _growth(result.growth) if result.growth else None,
        "findings": finding_rows(result.findings),
    }
    return document_text(document)


def _sized(name: str, size: Size) -> dict[str, Any]:
    return {"name": name, **size._asdict()}


def _held(budget_usages: BudgetUsage) -> dict[str, Any]:
    allowed = budget_usages.budget
    return {"budget": allowed.name, "message": allowed.message, **cap_row(budget_usages.usage)}


def _growth(growth: BaselineDelta) -> dict[str, Any]:
    return {
        "baseline": growth.name,
        "zipped_bytes": growth.zipped_bytes,
        "unzipped_bytes": growth.unzipped_bytes,
        "headers_bytes": growth.headers_bytes,
        "caps": [cap_row(usage) for usage in growth.usages],
        "components": [
            {
                "name": row.component,
                "unzipped_bytes": row.unzipped_bytes,
                "compressed_bytes": row.compressed_bytes,
                "old": row.old._asdict(),
                "new": row.new._asdict(),
            }
            for row in growth.components
        ],
        "files": [
            {
                "what": d.what,
                "path": d.item.path,
                "old_path": d.old.path if d.old else None,
                "component": d.item.component,
                "unzipped_bytes": d.unzipped_bytes,
                "compressed_bytes": d.compressed_bytes,
            }
            for d in growth.differences
        ],
    }
