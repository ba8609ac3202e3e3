"""What the gate says, for people, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from slimmer.model.codes import Severity
from slimmer.report.terminal import OutputStyle, cap_lines, findings_lines, more_rows, table
from slimmer.sizes import count_text, exact_text, growth_text, size_text
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.check.gate import CheckResult
    from slimmer.check.growth import BaselineDelta

ROWS = 12


def render_text(result: CheckResult, style: OutputStyle) -> str:
    """Return the judgement as text, coloured; a caller that writes to no terminal strips that."""
    if style.quiet:
        said = [f for f in result.findings if f.severity is not Severity.NOTE]
        return "".join(f"{line}\n" for line in findings_lines(said, all_rows=style.verbose))
    growth = result.growth
    most = sys.maxsize if style.verbose else ROWS
    parts = [
        _zips(result),
        _components(result, most),
        *((_grown_components(growth, most), _grown_files(growth, most)) if growth else ()),
        findings_lines(result.findings, all_rows=style.verbose),
        cap_lines(result.usages, bars=style.bars),
        [outcome(result)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def outcome(result: CheckResult) -> str:
    """Return the last line: whether the gate is passed, and how much failed and warns."""
    counts = [
        count_text(count, noun)
        for severity, noun in ((Severity.FAIL, "failure"), (Severity.WARN, "warning"))
        if (count := sum(f.severity is severity for f in result.findings))
    ]
    said = click.style("failed" if result.over else "passed", bold=True)
    since = f", {since_text(result.growth)}" if result.growth else ""
    return f"{said}{': ' if counts else ''}{', '.join(counts)}{since}"


def since_text(growth: BaselineDelta) -> str:
    """Return how much everything grew, in one phrase."""
    zipped, unzipped = growth_text(growth.zipped_bytes), growth_text(growth.unzipped_bytes)
    return f"{zipped} zipped and {unzipped} unzipped since {printable(growth.name)}"


def zip_rows(result: CheckResult) -> list[tuple[str, ...]]:
    """Return a row for each zip: name, role, members, unzipped and zipped."""
    return [
        (
            printable(z.name),
            z.role,
            f"{z.members:,}",
            exact_text(z.inventory.size.unzipped_bytes),
            exact_text(z.zip_bytes),
        )
        for z in result.zips
    ]


def _zips(result: CheckResult) -> list[str]:
    rows = zip_rows(result)
    if len(rows) > 1:
        members = sum(z.members for z in result.zips)
        unzipped = exact_text(result.size.unzipped_bytes)
        rows.append(("together", "", f"{members:,}", unzipped, exact_text(result.zip_bytes)))
    return table(("zip", "role", "members", "unzipped", "zipped"), rows, frozenset({0, 1}))


def _components(result: CheckResult, most: int) -> list[str]:
    every = list(result.components.items())
    rows = [
        (
            printable(name),
            f"{size.files:,}",
            size_text(size.unzipped_bytes),
            size_text(size.compressed_bytes),
        )
        for name, size in every[:most]
    ]
    rest = [size for _, size in every[most:]]
    if rest:
        sums = [sum(numbers) for numbers in zip(*rest, strict=True)]
        sizes = (size_text(sums[1]), size_text(sums[2]))
        rows.append((count_text(len(rest), "smaller one"), f"{sums[0]:,}", *sizes))
    if not result.size.compressed_bytes:  # an image, whose layers are packed whole
        return table(("component", "files", "unzipped"), [row[:3] for row in rows], frozenset({0}))
    headers = sum(z.headers_bytes for z in result.zips)
    rows.append(("headers and names", "", "", size_text(headers)))
    return table(("component", "files", "unzipped", "zipped"), rows, frozenset({0}))


def _grown_components(growth: BaselineDelta, most: int) -> list[str]:
    rows = [
        (
            printable(row.component),
            f"{size_text(row.old.compressed_bytes)} -> {size_text(row.new.compressed_bytes)}",
            growth_text(row.unzipped_bytes),
            growth_text(row.compressed_bytes),
        )
        for row in growth.components
    ]
    if rows and growth.headers_bytes:
        rows.append(("headers and names", "", "", growth_text(growth.headers_bytes)))
    header = (f"since {printable(growth.name)}", "zipped then and now", "unzipped", "zipped")
    shown = [*rows[:most], *more_rows(len(rows) - most, len(header))]
    return table(header, shown, frozenset({0})) if rows else []


def _grown_files(growth: BaselineDelta, most: int) -> list[str]:
    from slimmer.report.diff.text import path_text  # noqa: PLC0415 - with a baseline only

    rows = [
        (path_text(d), d.what, growth_text(d.unzipped_bytes), growth_text(d.compressed_bytes))
        for d in growth.differences
    ]
    header = ("file", "", "unzipped", "zipped")
    shown = [*rows[:most], *more_rows(len(rows) - most, len(header))]
    return table(header, shown, frozenset({0, 1})) if rows else []
