"""What a code of a finding is: what it weighs, who reports it, what it means."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Severity(enum.Enum):
    """How much a finding weighs: only a failure changes the exit code."""

    FAIL = "fail"
    WARN = "warn"
    NOTE = "note"


class Code(NamedTuple):
    """What there is to know of all findings with one code."""

    #: What a finding weighs unless its maker, or ``--fail-on``, says otherwise.
    severity: Severity
    #: The commands that report it.
    commands: tuple[str, ...]
    #: What is wrong and, where that helps, what to do, in one sentence.
    meaning: str
    #: What else a finding may weigh, where that depends on how certain it is.
    others: tuple[Severity, ...] = ()


FAIL, WARN, NOTE = Severity

BUILD = ("build",)
CHECK = ("check",)
BOTH = ("build", "check")
DECIDED = ("build", "inspect")  # told as soon as it is decided what ships
READ = ("build", "check", "inspect")  # told wherever it is read
