"""What every JSON report is made of: findings, caps, and how the whole of it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from slimmer.model.findings import Finding
from slimmer.model.limits import LimitUsage


def document_text(document: Mapping[str, object]) -> str:
    """Return a report as JSON with a newline at its end, the same bytes for the same report.

    A name that is not UTF-8 has its odd bytes as escaped surrogates, as Python reads them.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return text.encode("utf-8", "backslashreplace").decode()


def finding_rows(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as a report has them."""
    return [{**f._asdict(), "severity": f.severity.value} for f in findings]


def cap_row(usage: LimitUsage) -> dict[str, Any]:
    """Return a cap as a report has it, with whether it is passed."""
    return {**usage._asdict(), "over": usage.over}
