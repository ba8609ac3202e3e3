"""``--fail-on``: which findings fail, whatever they weigh by themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from slimmer.errors import UsageError
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding
from slimmer.text import did_you_mean

DEFAULT, NONE = "default", "none"  # words beside the codes
ALWAYS = frozenset({"secret"})  # what fails, whatever --fail-on says


def parse_fail_on(words: Iterable[str], codes: Collection[str]) -> frozenset[str] | None:
    """Return what ``--fail-on`` says is to fail; None where it was not given.

    Each word may be several codes with commas between. ``codes`` are those that the command
    can report; DEFAULT stands for what fails without the option, and NONE for nothing. The
    answer is for :func:`weighed`. Raises UsageError for a code that there is not.
    """
    names = [name.strip() for word in words for name in word.split(",")]
    if not names:
        return None
    known = [*codes, DEFAULT, NONE]
    for name in names:
        if name not in known:
            raise UsageError(f"--fail-on: there is no code {name!r}{did_you_mean(name, known)}")
    if NONE in names and len(names) > 1:
        raise UsageError(f"--fail-on {NONE} goes with no other code; remove one of them")
    return frozenset(names) - {NONE}


def weighed(findings: Iterable[Finding], fail_on: Collection[str] | None) -> list[Finding]:
    """Return the findings in their order, those failing that ``--fail-on`` says.

    What would fail by itself and is not said becomes a warning, but for ALWAYS. With DEFAULT
    a code that only sometimes fails still does only then.
    """
    if fail_on is None:
        return list(findings)
    return [_weighed(finding, fail_on) for finding in findings]


def _weighed(finding: Finding, fail_on: Collection[str]) -> Finding:
    if finding.code in ALWAYS:
        return finding
    if finding.code in fail_on:
        return finding._replace(severity=Severity.FAIL)
    if finding.severity is Severity.FAIL and DEFAULT not in fail_on:
        return finding._replace(severity=Severity.WARN)
    return finding
