"""The report for a pull-request comment or GitHub's step summary: Markdown, folded."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from slimmer.build.report import Report
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding
from slimmer.model.forms import ZIP
from slimmer.model.limits import LimitUsage
from slimmer.report.build.rescues import rescued_rows
from slimmer.report.gfm import SHORTENED, code, cut, details, fitted, more_rows, prose, table
from slimmer.report.terminal import cap_texts
from slimmer.sizes import count_text, exact_text, size_text


def render_markdown(report: Report) -> str:
    """Return the report as GitHub Flavored Markdown, of 65,536 bytes at most."""
    lists = (report.components, report.groups, report.rescues, report.findings)
    most = max(len(items) for items in lists)
    return fitted(functools.partial(_rendered, report, most), most)


def _rendered(report: Report, most: int, rows: int) -> str:
    """Return the report with so many rows in a table, and so many findings."""
    first = [f for f in report.findings if f.severity is Severity.FAIL or f.code == "own-dropped"]
    others = [f for f in report.findings if f not in first]
    parts = [
        [f"### slim: {_outcome(report)}"],
        _finding_lines(first, rows),
        caps_table(report.usages),
        _delta(report),
        _savings(report),
        _dropped(report, rows),
        _kept(report, rows),
        _transforms(report),
        _rescues(report, rows),
        _findings(others, rows),
        _digests(report),
        [SHORTENED] if rows < most else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def caps_table(usages: Sequence[LimitUsage]) -> list[str]:
    """Return the lines of a table of caps and how full they are; none for no caps."""
    rows = []
    for usage in usages:
        actual, limit, share = cap_texts(usage)
        shown = f"**{share}, over**" if usage.over else share
        rows.append((prose(usage.title), actual, prose(limit), shown))
    return table(("cap", "is", "may be", "full"), rows) if rows else []


def _outcome(report: Report) -> str:
    artifact = report.artifact
    if report.over:
        over = any(usage.over for usage in report.usages)
        what = "over the cap" if over else "it would not work"
        return f"{code(artifact.name)} not written, {what}" if artifact else f"not packed, {what}"
    if artifact is None:
        return "nothing was packed"
    name, size = code(artifact.name), size_text(artifact.zip_bytes)
    if report.written:
        return f"{name} written, {size}"
    return f"{name} not written{', verify failed' if report.verified is False else ''}, {size}"


def _delta(report: Report) -> list[str]:
    artifact = report.artifact
    if artifact is None:
        return []
    before, members = report.total, len(artifact.members)
    unzipped, zipped = artifact.unzipped_bytes, artifact.zip_bytes
    packed = before.zip_bytes if report.measured is not None else None
    rows = [
        ("before", f"{before.files:,}", size_text(before.size_bytes), _size(packed)),
        ("after", f"{members:,}", size_text(unzipped), size_text(zipped)),
        (
            "change",
            f"{members - before.files:+,}",
            _change(before.size_bytes, unzipped),
            _change(packed, zipped),
        ),
    ]
    return table(("", "files", "unzipped", "zipped"), rows)


def _change(before: int | None, after: int) -> str:
    if not before:
        return ""
    less = before - after
    return f"{'-' if less >= 0 else '+'}{size_text(abs(less))} ({-less / before:+.1%})"


def _size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else size_text(size_bytes)


def _savings(report: Report) -> list[str]:
    return [f"- `{s.option}` would save a further {s.text}" for s in report.savings]


def _dropped(report: Report, rows: int) -> list[str]:
    shown, more = cut(report.components, rows)
    measured = report.measured is not None
    lines = [
        (
            code(c.name),
            f"{c.amount.files:,}",
            size_text(c.amount.size_bytes),
            *([size_text(c.amount.zip_bytes)] if measured else []),
            prose(c.why),
        )
        for c in shown
    ]
    zipped = ["zipped"] if measured else []
    header = ("component", "files", "unzipped", *zipped, "why")
    lines += more_rows(more, len(header))
    total = report.dropped
    packed = f", {size_text(total.zip_bytes)} zipped" if measured else ""
    summary = f"Dropped: {count_text(total.files, 'file')}, {size_text(total.size_bytes)}{packed}"
    return details(summary, table(header, lines, frozenset({0, len(header) - 1}))) if lines else []


def _kept(report: Report, rows: int) -> list[str]:
    shown, more = cut(report.groups, rows)
    lines: list[tuple[str, ...]] = [
        (code(g.path), f"{g.amount.files:,}", size_text(g.shown_bytes), _size(g.zip_bytes))
        for g in shown
    ]
    lines += more_rows(more, 4)
    linked = report.linked
    also = f"; {count_text(linked.files, 'link')} to identical files" if linked.files else ""
    summary = f"Kept: {count_text(report.kept.files, 'file')}{also}"
    return details(summary, table(("folder", "files", "unzipped", "zipped"), lines))


def _transforms(report: Report) -> list[str]:
    rows = []
    for t in report.transforms:
        saved = (size_text(t.saved_bytes), _size(t.saved_zip_bytes))
        rows.append((code(t.name), f"{t.files:,}", *saved, f"{len(t.refused):,}", prose(t.title)))
        for component, members in t.inside:
            what = "members of archives that were dropped"
            rows.append((f"inside: {code(component)}", f"{members:,}", "", "", "", what))
        for reason, paths in t.reasons.items():
            skipped = f"skipped: {code(paths[0])}"
            skipped += f" and {len(paths) - 1:,} more" if paths[1:] else ""
            rows.append((skipped, "", "", "", f"{len(paths):,}", prose(reason)))
    header = ("transform", "files", "saved", "saved zipped", "skipped", "removed")
    files = count_text(sum(t.files for t in report.transforms), "file")
    return details(f"Transformed: {files}", table(header, rows, frozenset({0, 5}))) if rows else []


def _rescues(report: Report, rows: int) -> list[str]:
    every = rescued_rows(report)
    shown, more = cut(every, rows)
    lines: list[tuple[str, ...]] = [
        (
            code(r.path) + (f" and {r.beside:,} beside it" if r.beside else ""),
            f"{r.files:,}",
            size_text(r.size_bytes),
            _size(r.zip_bytes),
            code(r.component),
            prose(r.chain),
        )
        for r in shown
    ]
    lines += more_rows(more, 6)
    header = ("rescued", "files", "unzipped", "zipped", "from", "because")
    summary = f"Rescued: {count_text(sum(r.files for r in every), 'file')}"
    return details(summary, table(header, lines, frozenset({0, 4, 5}))) if lines else []


def _findings(findings: Sequence[Finding], rows: int) -> list[str]:
    counts = [
        count_text(count, noun)
        for severity, noun in ((Severity.WARN, "warning"), (Severity.NOTE, "note"))
        if (count := sum(f.severity is severity for f in findings))
    ]
    return details(", ".join(counts), _finding_lines(findings, rows)) if counts else []


def _finding_lines(findings: Sequence[Finding], rows: int) -> list[str]:
    shown, more = cut(findings, rows)
    lines = [f"- **{f.severity.value}**: {prose(f.message)}" for f in shown]
    return [*lines, f"- and {more:,} more"] if more else lines


def _digests(report: Report) -> list[str]:
    artifact = report.artifact
    if artifact is None:
        return []
    rows = [
        (artifact.form, exact_text(artifact.zip_bytes)),
        ("SHA-256", code(artifact.sha256)),
        *([("CodeSha256", code(artifact.code_sha256))] if artifact.form == ZIP else ()),
        *([("digest", code(artifact.digest))] if artifact.digest else ()),
        ("compressor", prose(artifact.compressor)),
        ("target, tier", f"{code(report.target)}, {code(report.tier.label)}"),
    ]
    return details("Digests", table(("what", "is"), rows, frozenset({0, 1})))
