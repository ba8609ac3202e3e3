"""Writes docs/codes.md from slim's registry of codes; ``make docs`` runs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from slimmer.model.codes import GROUPS, Code
from slimmer.model.failures import FAILURES

PAGE = Path(__file__).parents[1] / "docs/codes.md"
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_INTRO = """\
<!-- Written by make docs from slimmer/model/codes.py; edit it there. -->

# Codes

Every finding has a code, a severity and a message. A code keeps its name and its meaning. A finding
with the severity `fail` ends `slim build` and `slim check` with exit code 1; `warn` and `note` do
not. A code with two severities fails if the fault is certain, and warns if it is not.

`--fail-on` chooses the codes that fail; see [its values](check.md#options).
"""
_VERIFY = """
## slim verify

Why a run ended early: the code of `trouble` in the JSON report of [`slim verify`](verify.md).
"""


def codes_page() -> str:
    """Return the page: a table for each group of findings, and one for ``slim verify``."""
    parts = [_INTRO]
    for title, codes in GROUPS.items():
        parts.append(f"\n## {title}\n")
        rows = [_row(code, row) for code, row in codes.items()]
        parts.append(_table(("code", "severity", "command", "meaning"), rows))
    parts += [_VERIFY, _table(("code", "meaning"), [_failure(*row) for row in FAILURES.items()])]
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


def _row(code: str, row: Code) -> tuple[str, ...]:
    severity = " or ".join(each.value for each in (row.severity, *row.others))
    return f"`{code}`", severity, ", ".join(row.commands), _meaning(row.meaning)


def _failure(code: str, meaning: str) -> tuple[str, ...]:
    return f"`{code}`", _meaning(meaning)


def _meaning(text: str) -> str:
    return _OPTION.sub(r"`\g<0>`", text)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (header, *rows)]
    return "\n".join(["", lines[0], "|" + "---|" * len(header), *lines[1:]])


def main() -> None:
    """Write the page."""
    PAGE.write_text(codes_page(), "utf-8")


if __name__ == "__main__":
    main()
