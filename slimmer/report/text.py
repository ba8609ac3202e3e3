"""The report for people, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from slimmer.model import Finding, Gauge, Rescue, Severity
from slimmer.names import printable
from slimmer.report.summary import Report
from slimmer.sizes import count_text, exact_text, size_text

_ROWS = 12
_BAR = 20
_FINDINGS = 25
_WHY_WIDTH = 64
_COLOURS = {Severity.FAIL: "red", Severity.WARN: "yellow", Severity.NOTE: "cyan"}


def render_text(report: Report) -> str:
    """Return the report as text, coloured; a caller that writes to no terminal strips that."""
    parts = [
        _dropped(report),
        _kept(report),
        _transforms(report),
        _rescues(report),
        findings_lines(report.findings),
        _tiers(report),
        _caps(report.gauges),
        _outcome(report),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: frozenset[int]) -> list[str]:
    """Return the lines of a table; the columns in ``left`` are flush left, others right."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(padded).rstrip()

    return [click.style(line(header), bold=True), *(line(row) for row in rows)]


def shorten(text: str, width: int) -> str:
    """Return the text, cut with an ellipsis where it is longer than ``width``."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _dropped(report: Report) -> list[str]:
    rows = [
        (c.name, f"{c.amount.files:,}", size_text(c.amount.size_bytes), shorten(c.why, _WHY_WIDTH))
        for c in report.components
    ]
    total = report.dropped
    rows.append(("all dropped", f"{total.files:,}", size_text(total.size_bytes), ""))
    return table(("dropped", "files", "unzipped", "why"), rows, frozenset({0, 3}))


def _kept(report: Report) -> list[str]:
    shown, rest = report.groups[:_ROWS], report.groups[_ROWS:]
    lines = [(printable(g.path), g.amount.files, g.shown_bytes, g.packed_bytes) for g in shown]
    if rest:
        files, size = sum(g.amount.files for g in rest), sum(g.shown_bytes for g in rest)
        packed = sum(g.packed_bytes or 0 for g in rest) if report.artifact else None
        lines.append((count_text(len(rest), "smaller one"), files, size, packed))
    rows = [
        (name, f"{files:,}", size_text(size), size_text(packed) if packed is not None else "-")
        for name, files, size, packed in lines
    ]
    if report.linked.files:
        saved = size_text(report.linked.size_bytes)
        rows.append(
            (f"links to identical files (saved {saved})", f"{report.linked.files:,}", "", "")
        )
    return table(("kept", "files", "unzipped", "zipped"), rows, frozenset({0}))


def _transforms(report: Report) -> list[str]:
    rows = [
        (t.name, f"{t.files:,}", size_text(t.saved_bytes), f"{len(t.refused):,}", t.title)
        for t in report.transforms
    ]
    rows += [
        (f"  inside: {name}", f"{count:,}", "", "", "members of archives that were left out")
        for t in report.transforms
        for name, count in t.inside
    ]
    header = ("transform", "files", "saved", "left alone", "what went")
    return table(header, rows, frozenset({0, 4})) if rows else []


def _rescues(report: Report) -> list[str]:
    rows = [
        (_rescued(group), f"{files:,}", size_text(size_bytes), group[0].component, group[0].chain)
        for group in _together(r for r in report.rescues if r.files)
        for files, size_bytes in [(sum(r.files for r in group), sum(r.size_bytes for r in group))]
    ]
    if len(rows) > _ROWS:
        more = len(rows) - _ROWS
        rows = [*rows[:_ROWS], (f"and {more:,} more (see --json)", "", "", "", "")]
    header = ("rescued", "files", "unzipped", "from", "because")
    return table(header, rows, frozenset({0, 3, 4})) if rows else []


def _together(rescues: Iterable[Rescue]) -> list[list[Rescue]]:
    """Return the rescues, those of single files from one component in one folder as one group."""
    groups: dict[tuple[str, str], list[Rescue]] = {}
    for rescue in rescues:
        place = rescue.path.rpartition("/")[0] + "/" if rescue.files == 1 else rescue.path
        groups.setdefault((rescue.component, place), []).append(rescue)
    return list(groups.values())


def _rescued(group: Sequence[Rescue]) -> str:
    beside = f" and {len(group) - 1:,} beside it" if len(group) > 1 else ""
    return printable(group[0].path) + beside


def findings_lines(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding, as many as a person reads."""
    shown = findings if len(findings) <= _FINDINGS else findings[:_FINDINGS]
    lines = [
        f"{click.style(f.severity.value, fg=_COLOURS[f.severity])}: {f.message}" for f in shown
    ]
    more = len(findings) - len(shown)
    return [*lines, f"and {more:,} more (see --json)"] if more else lines


def _tiers(report: Report) -> list[str]:
    lines = []
    for saving in report.tiers:
        zipped = f", {size_text(saving.packed_bytes)} zipped" if saving.packed_bytes else ""
        what = f"{size_text(saving.amount.size_bytes)} unzipped{zipped}"
        lines.append(f"--tier {saving.tier.label} would save a further {what}")
    return lines


def _caps(gauges: Iterable[Gauge]) -> list[str]:
    rows = []
    for gauge in gauges:
        share = gauge.actual / gauge.limit
        filled = min(_BAR, round(share * _BAR))
        bar = "#" * filled + "." * (_BAR - filled)
        show = exact_text if gauge.unit else "{:,}".format
        limit = ("< " if gauge.strict else "") + show(gauge.limit)
        rows.append((gauge.title, show(gauge.actual), limit, f"[{bar}] {share:.0%}"))
    return table(("cap", "is", "may be", ""), rows, frozenset({0, 3})) if rows else []


def _outcome(report: Report) -> list[str]:
    artifact = report.artifact
    if artifact is None:
        return ["nothing was packed"]
    before = f"{count_text(report.total.files, 'file')} of {size_text(report.total.size_bytes)}"
    after = f"{count_text(len(artifact.members), 'member')} of {size_text(artifact.unzipped_bytes)}"
    made = click.style("made" if report.written else "not written:", bold=True)
    size = exact_text(artifact.zip_bytes)
    return [
        f"{before} -> {after}, {size_text(artifact.zip_bytes)} zipped",
        f"{made} {printable(artifact.name)}  {size}  by {artifact.compressor}",
        f"sha256      {artifact.sha256}",
        f"CodeSha256  {artifact.code_sha256}",
    ]
