"""What there is to say of a shrink, for people."""

from __future__ import annotations

import click

from slimmer.report.terminal import OutputStyle, more_rows, table
from slimmer.shrink.model import Amount, Shrinking
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

_ROWS = 20
#: What there is to say where the bounds ended a shrink.
NOT_TRIED = "not every unit was tried; see --runs and --time"
HEADER = ("unit", "goes", "unzipped", "because")


def render_text(found: Shrinking, style: OutputStyle) -> str:
    """Return what was found as text, coloured; nothing but warnings where it is quiet."""
    parts = [] if style.quiet else [_units(found, style), _amounts(found)]
    parts.append([f"{click.style('warn', fg='yellow')}: {line}" for line in warning_lines(found)])
    return "".join("\n".join(part) + "\n\n" for part in parts if part)[:-1]


def _units(found: Shrinking, style: OutputStyle) -> list[str]:
    rows = unit_rows(found)
    cells = list(rows if style.verbose else rows[:_ROWS])
    cells += more_rows(len(rows) - len(cells), len(HEADER))  # type: ignore[arg-type]
    return table(HEADER, cells, frozenset({0, 1, 3})) if rows else ["no unit can go"]


def unit_rows(found: Shrinking) -> list[tuple[str, str, str, str]]:
    """Return what goes of each unit, and why, the largest first, as ``HEADER`` names it."""
    rows = sorted(found.shrunk.units, key=lambda row: (-row.size_bytes, row.unit))
    return [
        (
            printable(row.unit),
            count_text(len(row.paths), "file") if row.paths else "all",
            size_text(row.size_bytes),
            printable(row.why),
        )
        for row in rows
    ]


def _amounts(found: Shrinking) -> list[str]:
    dropped = found.dropped
    left = found.kept.size_bytes - dropped.size_bytes
    lines = [
        f"{found.seen} used {_text(found.used)} of {_text(found.kept)}",
        f"drops {size_text(dropped.size_bytes)} of {count_text(dropped.units, 'unit')}",
        f"keeps {size_text(left)} of what was installed",
        f"{count_text(found.trials, 'trial')} proved it",
    ]
    return lines if found.complete else [*lines, NOT_TRIED]


def _text(amount: Amount) -> str:
    return (
        f"{count_text(amount.units, 'unit')}, {count_text(amount.files, 'file')}, "
        f"{size_text(amount.size_bytes)}"
    )


def warning_lines(found: Shrinking) -> list[str]:
    """Return what to beware of, a line each."""
    if not found.unstable:
        return []
    places = ", ".join(found.unstable[:5])
    return [f"answers differ from run to run, so these places prove nothing: {places}"]
