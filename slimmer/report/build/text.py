"""The report for people, on a terminal."""

from __future__ import annotations

import click

from slimmer.build.report import Report
from slimmer.model.codes import Severity
from slimmer.model.forms import FOLDER, ZIP
from slimmer.report.build.rescues import RescuedRow, rescued_rows
from slimmer.report.terminal import (
    OutputStyle,
    cap_lines,
    findings_lines,
    more_rows,
    prose,
    table,
)
from slimmer.sizes import count_text, exact_text, size_text
from slimmer.text import and_more, printable

_ROWS = 12
_WHY_WIDTH = 64
_UNITS = 6  # of a layer that are named


_PLAIN = OutputStyle()


def render_text(report: Report, style: OutputStyle = _PLAIN) -> str:
    """Return the report as text, coloured; a caller that writes to no terminal strips that."""
    if style.quiet:
        said = [f for f in report.findings if f.severity is not Severity.NOTE]
        return "".join(f"{line}\n" for line in findings_lines(said))
    parts = [
        findings_lines([f for f in report.findings if f.code == "own-dropped"]),
        _dropped(report, style),
        _kept(report, style),
        _transforms(report),
        _rescues(report, style),
        findings_lines(
            [f for f in report.findings if f.code != "own-dropped"], all_rows=style.verbose
        ),
        _savings(report),
        cap_lines(report.usages, bars=style.bars),
        _outcome(report),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _dropped(report: Report, style: OutputStyle) -> list[str]:
    every = [(c.name, c.amount, c.why) for c in report.components]
    every.append(("all dropped", report.dropped, ""))
    measured = report.measured is not None
    rows = [
        (
            name,
            f"{amount.files:,}",
            size_text(amount.size_bytes),
            *([size_text(amount.zip_bytes)] if measured else []),
            why if style.verbose else prose(why, _WHY_WIDTH),
        )
        for name, amount, why in every
    ]
    header = ("dropped", "files", "unzipped", *(["zipped"] if measured else []), "why")
    return table(header, rows, frozenset({0, len(header) - 1}))


def _kept(report: Report, style: OutputStyle) -> list[str]:
    most = len(report.groups) if style.verbose else _ROWS
    shown, rest = report.groups[:most], report.groups[most:]
    lines = [(printable(g.path), g.amount.files, g.shown_bytes, g.zip_bytes) for g in shown]
    if rest:
        files, size = sum(g.amount.files for g in rest), sum(g.shown_bytes for g in rest)
        packed = sum(g.zip_bytes or 0 for g in rest) if report.artifact else None
        lines.append((count_text(len(rest), "smaller one"), files, size, packed))
    rows = [
        (name, f"{files:,}", size_text(size), size_text(packed) if packed is not None else "-")
        for name, files, size, packed in lines
    ]
    if report.linked.files:
        saved = size_text(report.linked.size_bytes)
        if report.measured is not None:
            saved += f", {size_text(report.linked.zip_bytes)} zipped"
        rows.append(
            (f"links to identical files (saved {saved})", f"{report.linked.files:,}", "", "")
        )
    return table(("kept", "files", "unzipped", "zipped"), rows, frozenset({0}))


def _transforms(report: Report) -> list[str]:
    measured = report.measured is not None
    rows: list[tuple[str, ...]] = []
    for t in report.transforms:
        saved = [size_text(t.saved_bytes), *([_size(t.saved_zip_bytes)] if measured else [])]
        rows.append((t.name, f"{t.files:,}", *saved, f"{len(t.refused):,}", t.title))
        for name, count in t.inside:
            blank = [""] * (len(saved) + 1)
            what = "members of archives that were dropped"
            rows.append((f"  inside: {name}", f"{count:,}", *blank, what))
        for reason, paths in t.reasons.items():
            blank = [""] * (len(saved) + 1)
            rows.append((f"  skipped: {and_more(paths)}", *blank, f"{len(paths):,}", reason))
    zipped = ["saved zipped"] if measured else []
    header = ("transform", "files", "saved", *zipped, "skipped", "removed")
    return table(header, rows, frozenset({0, len(header) - 1})) if rows else []


def _size(size_bytes: int | None) -> str:
    return "-" if size_bytes is None else size_text(size_bytes)


def _rescues(report: Report, style: OutputStyle) -> list[str]:
    every = rescued_rows(report)
    shown = every if style.verbose else every[:_ROWS]
    rows: list[tuple[str, ...]] = [
        (_rescued(r), f"{r.files:,}", size_text(r.size_bytes), _size(r.zip_bytes), *r[-2:])
        for r in shown
    ]
    header = ("rescued", "files", "unzipped", "zipped", "from", "because")
    rows += more_rows(len(every) - len(shown), len(header))
    return table(header, rows, frozenset({0, 4, 5})) if rows else []


def _rescued(row: RescuedRow) -> str:
    return printable(row.path) + (f" and {row.beside:,} beside it" if row.beside else "")


def _savings(report: Report) -> list[str]:
    return [f"{s.option} would save a further {s.text}" for s in report.savings]


def _outcome(report: Report) -> list[str]:
    artifact = report.artifact
    if artifact is None:
        return ["nothing was packed"]
    total = report.total
    before = f"{count_text(total.files, 'file')} of {size_text(total.size_bytes)}"
    before += f", {size_text(total.zip_bytes)} zipped" if report.measured is not None else ""
    after = f"{count_text(len(artifact.members), 'member')} of {size_text(artifact.unzipped_bytes)}"
    outcome = click.style("wrote" if report.written else "not written:", bold=True)
    size = exact_text(artifact.zip_bytes)
    is_packed = artifact.form != FOLDER
    packed = f", {size_text(artifact.zip_bytes)} zipped" if is_packed else ""
    by = f"  by {artifact.compressor}" if is_packed else ""
    lines = [
        f"{before} -> {after}{packed}",
        f"{outcome} {printable(artifact.name)}  {size}{by}",
        f"sha256      {artifact.sha256}",
    ]
    if report.layers:
        return [lines[0], *_layers(report, outcome)]
    if artifact.form == ZIP:
        return [*lines, f"CodeSha256  {artifact.code_sha256}"]
    return [*lines, f"digest      {artifact.digest}"] if artifact.digest else lines


def _layers(report: Report, outcome: str) -> list[str]:
    """Return a line for each layer, in the order in which they are attached, and what is in it."""
    lines = [f"{outcome} {count_text(len(report.layers), 'layer')}, to be attached in this order:"]
    for layer in report.layers:
        shown = [printable(unit) for unit in layer.units[:_UNITS]]
        shown += [f"{len(layer.units) - _UNITS:,} more"] if len(layer.units) > _UNITS else []
        lines.append(
            f"  {printable(layer.name)}  {exact_text(layer.zip_bytes)}, "
            f"{size_text(layer.unzipped_bytes)} unzipped: {', '.join(shown)}"
        )
        if layer.artifact:
            lines.append(f"    CodeSha256  {layer.artifact.code_sha256}")
    return lines
