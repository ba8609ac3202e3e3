"""Findings: what the user should know, each with a stable code and one line."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Severity(enum.Enum):
    """How much a finding weighs: only a failure changes the exit code."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"


class Finding(NamedTuple):
    """Something that the user should know: a stable code, and one line of words."""

    code: str
    severity: Severity
    message: str
