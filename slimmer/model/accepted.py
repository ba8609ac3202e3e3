"""Warnings that a project accepts, each code with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.sizes import count_text
from slimmer.text import printable


def accept(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[Finding]:
    """Return the findings without the warnings and notes that are accepted, by their codes.

    What fails is never accepted. A note at the end says of each code how often it was met, and
    the reason.
    """
    kept = []
    met: Counter[str] = Counter()
    for each in findings:
        if each.code in reasons and each.severity is not Severity.FAIL:
            met[each.code] += 1
        else:
            kept.append(each)
    for code in sorted(met):
        said = f"{count_text(met[code], 'warning')} {code} accepted: {printable(reasons[code])}"
        kept.append(finding("accepted", said))
    return kept
