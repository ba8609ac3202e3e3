"""What every report on a terminal is made of: tables, findings, caps, and how much of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import click

from slimmer.model.codes import Severity
from slimmer.model.findings import Finding
from slimmer.model.limits import LimitUsage
from slimmer.report.fit import WIDTH, fitting, row_lines, wrapped
from slimmer.sizes import exact_text

_BAR = 20
_FINDINGS = 25
_OF_A_CODE = 5  # more warnings of one code fold into a line
_COLOURS = {Severity.FAIL: "red", Severity.WARN: "yellow", Severity.NOTE: "cyan"}


class OutputStyle(NamedTuple):
    """How much is said, and how: ``quiet`` only what failed and warnings, ``verbose`` nothing cut.

    ``bars`` are for terminals.
    """

    quiet: bool = False
    verbose: bool = False
    bars: bool = False


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: frozenset[int]) -> list[str]:
    """Return the lines of a table; the columns in ``left`` are flush left, others right.

    On a terminal it fits the width: columns of texts give way, those of numbers never.
    """
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    if WIDTH.get():
        widths = fitting(widths, left, WIDTH.get())
    heads = [click.style(line, bold=True) for line in row_lines(header, widths, left)]
    return [*heads, *(line for row in rows for line in row_lines(row, widths, left))]


def more_rows(more: int, columns: int, at: int = 0) -> list[tuple[str, ...]]:
    """Return the row that says, in column ``at``, how many more there are; none for none."""
    if more <= 0:
        return []
    cells = [""] * columns
    cells[at] = f"and {more:,} more (see --verbose)"
    return [tuple(cells)]


def shorten(text: str, width: int) -> str:
    """Return the text, cut with an ellipsis where it is longer than ``width``."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def prose(text: str, width: int) -> str:
    """Return a sentence of a table: whole on a terminal, where it wraps, and cut in a pipe."""
    return text if WIDTH.get() else shorten(text, width)


def findings_lines(findings: Sequence[Finding], *, all_rows: bool = False) -> list[str]:
    """Return a line for each finding, as many as a person reads unless ``all_rows``.

    Of many warnings with one code the first are shown, and how many more there are.
    """
    counts = Counter(f.code for f in findings if f.severity is not Severity.FAIL)
    told: Counter[str] = Counter()
    lines: list[str] = []
    for number, each in enumerate(findings):
        if not all_rows and len(lines) >= _FINDINGS:
            return [*lines, f"and {len(findings) - number:,} more (see --verbose)"]
        told[each.code] += 1
        many = not all_rows and counts[each.code] > _OF_A_CODE
        if not many or told[each.code] < _OF_A_CODE or each.severity is Severity.FAIL:
            kind = each.severity.value
            text = wrapped(each.message, len(kind) + 2)
            lines.append(f"{click.style(kind, fg=_COLOURS[each.severity])}: {text}")
        elif told[each.code] == _OF_A_CODE:
            more = counts[each.code] - _OF_A_CODE + 1
            lines.append(f"  and {more:,} more {each.code} (see --verbose)")
    return lines


class CapTexts(NamedTuple):
    """What a cap is, what it may be, and how full that is, as every report says it."""

    actual: str
    limit: str
    share: str


def cap_texts(usage: LimitUsage) -> CapTexts:
    """Return how full a cap is: ``1,024 B``, ``< 4,096 B``, ``25%``."""
    show = exact_text if usage.unit else "{:,}".format
    limit = ("< " if usage.strict else "") + show(usage.limit)
    return CapTexts(show(usage.actual), limit, f"{usage.share:.0%}")


def cap_lines(usages: Iterable[LimitUsage], *, bars: bool = False) -> list[str]:
    """Return the lines of the table that says how full each cap is."""
    rows = []
    for usage in usages:
        texts = cap_texts(usage)
        filled = min(_BAR, round(usage.share * _BAR))
        bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] " if bars else ""
        rows.append((usage.title, texts.actual, texts.limit, f"{bar}{texts.share}"))
    return table(("cap", "is", "may be", ""), rows, frozenset({0, 3})) if rows else []
