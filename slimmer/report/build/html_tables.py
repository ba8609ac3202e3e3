"""What the HTML page says without JavaScript: the sums, the caps, the findings, the digests."""

from __future__ import annotations

from html import escape

from slimmer.build.report import Count, Report
from slimmer.model.artifact import Artifact
from slimmer.model.forms import ZIP
from slimmer.report.build.rescues import rescued_rows
from slimmer.report.page import (
    NUMBER,
    PLAIN,
    SIZES,
    TIER,
    UNKNOWN,
    WHY,
    Step,
    caps_html,
    findings_html,
    folded,
    way,
)
from slimmer.sizes import count_text, exact_text, size_text
from slimmer.text import printable


def head_html(report: Report) -> str:
    """Return what stands at the top of the page."""
    parts = [
        _title(report),
        '<div class="overview"><div>',
        _way(report),
        _digests(report.artifact) if report.artifact else "",
        f"</div>{caps_html(report.usages)}</div>",
        findings_html(report.findings),
    ]
    return "\n".join(part for part in parts if part)


def sums_html(report: Report) -> str:
    """Return the tables of what was dropped, kept, changed and rescued, each folded."""
    tables = (_dropped(report), _kept(report), _changed(report), _rescued(report))
    return "\n".join(table for table in tables if table)


def _dropped(report: Report) -> str:
    columns = (("component", PLAIN), ("tier", TIER), *SIZES, ("why", WHY))
    rows = [
        (c.name, c.tier, f"{c.amount.files:,}", *_sizes(report, c.amount), c.why)
        for c in report.components
    ]
    return folded("Dropped, by component", columns, rows)


def _kept(report: Report) -> str:
    columns = (("folder", PLAIN), *SIZES)
    rows = [
        (
            printable(g.path),
            f"{g.amount.files:,}",
            size_text(g.shown_bytes),
            _size(g.zip_bytes),
        )
        for g in report.groups
    ]
    return folded("Kept, by folder", columns, rows)


def _changed(report: Report) -> str:
    saved = (("saved", NUMBER), ("saved zipped", NUMBER), ("skipped", NUMBER))
    columns = (("transform", PLAIN), ("files", NUMBER), *saved, ("removed", WHY))
    rows = [
        (
            t.name,
            f"{t.files:,}",
            size_text(t.saved_bytes),
            _size(t.saved_zip_bytes),
            f"{len(t.refused):,}",
            t.title,
        )
        for t in report.transforms
    ]
    return folded("Changed, by transform", columns, rows)


def _rescued(report: Report) -> str:
    columns = (("path", PLAIN), *SIZES, ("from", WHY), ("because", WHY))
    rows = [
        (
            printable(r.path) + (f" and {r.beside:,} beside it" if r.beside else ""),
            f"{r.files:,}",
            size_text(r.size_bytes),
            _size(r.zip_bytes),
            r.component,
            r.chain,
        )
        for r in rescued_rows(report)
    ]
    return folded("Rescued by guards", columns, rows)


def _sizes(report: Report, amount: Count) -> tuple[str, str]:
    """Return the unzipped and the zipped size of something in the tree, for reading."""
    measured = report.measured is not None
    return size_text(amount.size_bytes), _size(amount.zip_bytes if measured else None)


def _size(size_bytes: int | None) -> str:
    return UNKNOWN if size_bytes is None else size_text(size_bytes)


def title_of(report: Report) -> str:
    """Return what the page is about, in a few words."""
    name = printable(report.artifact.name) if report.artifact else "nothing was packed"
    return f"{name} · slim"


def _title(report: Report) -> str:
    name = printable(report.artifact.name) if report.artifact else "Nothing was packed"
    told = f"target {report.target}, tier {report.tier.label}"
    if report.artifact:
        told += f", by {report.artifact.compressor}"
    return f'<div class="title"><h1>{escape(name)}</h1>{_state(report)}<p>{escape(told)}</p></div>'


def _state(report: Report) -> str:
    if report.over:
        return '<p class="fail">failed: see what was found; nothing was written</p>'
    if report.verified is False:
        return '<p class="fail">verify failed; nothing was written</p>'
    if not report.written:
        return "<p>not written: a dry run</p>"
    return f'<p class="fine">written{" and verified" if report.verified else ""}</p>'


def _way(report: Report) -> str:
    total, artifact = report.total, report.artifact
    tree = [count_text(total.files, "file")]
    if report.measured is not None:
        tree.append(f"{size_text(total.zip_bytes)} zipped")
    steps = [Step("In the tree", size_text(total.size_bytes), tree)]
    if artifact:
        members = [count_text(len(artifact.members), "member")]
        steps.append(Step("Unzipped", size_text(artifact.unzipped_bytes), members))
        title = artifact.form.capitalize()
        steps.append(Step(title, size_text(artifact.zip_bytes), [exact_text(artifact.zip_bytes)]))
    return way(steps)


def _digests(artifact: Artifact) -> str:
    first = ("CodeSha256", artifact.code_sha256)
    if artifact.form != ZIP:
        first = ("Digest", artifact.digest)
    rows = [row for row in (first, ("SHA-256", artifact.sha256)) if row[1]]
    inside = "".join(f"<dt>{name}</dt><dd><code>{value}</code></dd>" for name, value in rows)
    return f'<dl class="digests">{inside}</dl>'
