"""Findings: what the user should know, each with a stable code and one line."""

from __future__ import annotations

from typing import NamedTuple

from slimmer.model.codes import CODES, Severity


class Finding(NamedTuple):
    """Something that the user should know; :func:`finding` makes it."""

    #: A key of CODES.
    code: str
    severity: Severity
    #: One line: what is wrong, where, and what to do about it.
    message: str


def finding(code: str, message: str, severity: Severity | None = None) -> Finding:
    """Return a finding, which weighs what its row in CODES says.

    ``severity`` is for codes whose row has others. Raises KeyError for a code without a row,
    and ValueError for a severity that is not in it.
    """
    row = CODES[code]
    if severity not in (None, row.severity, *row.others):
        raise ValueError(f"a finding {code!r} cannot be {severity}")
    return Finding(code, severity or row.severity, message)
