"""What the HTML page says without JavaScript: the sums, the caps, the findings, the digests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from slimmer.build.report import Count, Report
from slimmer.model.artifact import Artifact
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding
from slimmer.model.limits import LimitUsage
from slimmer.report.build.rescues import rescued_rows
from slimmer.report.terminal import cap_texts
from slimmer.sizes import count_text, exact_text, size_text
from slimmer.text import printable

_PLAIN, _NUMBER, _TIER, _WHY = "", "number", "tier", "why"  # classes of cells, for the sheet
_SIZES = (("files", _NUMBER), ("unzipped", _NUMBER), ("zipped", _NUMBER))
_UNKNOWN = "-"


def head_html(report: Report) -> str:
    """Return what stands at the top of the page."""
    parts = [
        _title(report),
        '<div class="overview"><div>',
        _way(report),
        _digests(report.artifact) if report.artifact else "",
        f"</div>{_caps(report.usages)}</div>",
        _findings(report.findings),
    ]
    return "\n".join(part for part in parts if part)


def sums_html(report: Report) -> str:
    """Return the tables of what was dropped, kept, changed and rescued, each folded."""
    tables = (_dropped(report), _kept(report), _changed(report), _rescued(report))
    return "\n".join(table for table in tables if table)


def _dropped(report: Report) -> str:
    columns = (("component", _PLAIN), ("tier", _TIER), *_SIZES, ("why", _WHY))
    rows = [
        (c.name, c.tier, f"{c.amount.files:,}", *_sizes(report, c.amount), c.why)
        for c in report.components
    ]
    return _folded("Dropped, by component", columns, rows)


def _kept(report: Report) -> str:
    columns = (("folder", _PLAIN), *_SIZES)
    rows = [
        (
            printable(g.path),
            f"{g.amount.files:,}",
            size_text(g.shown_bytes),
            _size(g.zip_bytes),
        )
        for g in report.groups
    ]
    return _folded("Kept, by folder", columns, rows)


def _changed(report: Report) -> str:
    saved = (("saved", _NUMBER), ("saved zipped", _NUMBER), ("skipped", _NUMBER))
    columns = (("transform", _PLAIN), ("files", _NUMBER), *saved, ("removed", _WHY))
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
    return _folded("Changed, by transform", columns, rows)


def _rescued(report: Report) -> str:
    columns = (("path", _PLAIN), *_SIZES, ("from", _WHY), ("because", _WHY))
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
    return _folded("Rescued by guards", columns, rows)


def _sizes(report: Report, amount: Count) -> tuple[str, str]:
    """Return the unzipped and the zipped size of something in the tree, for reading."""
    measured = report.measured is not None
    return size_text(amount.size_bytes), _size(amount.zip_bytes if measured else None)


def _size(size_bytes: int | None) -> str:
    return _UNKNOWN if size_bytes is None else size_text(size_bytes)


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
    steps = [_step("In the tree", size_text(total.size_bytes), tree)]
    if artifact:
        members = [count_text(len(artifact.members), "member")]
        steps.append(_step("Unzipped", size_text(artifact.unzipped_bytes), members))
        zipped = [exact_text(artifact.zip_bytes)]
        steps.append(_step("Zip", size_text(artifact.zip_bytes), zipped))
    arrow = '<li class="to" aria-hidden="true">→</li>'
    return f'<ul class="way">{arrow.join(steps)}</ul>'


def _step(name: str, size: str, lines: Iterable[str]) -> str:
    more = "".join(f"<span>{line}</span>" for line in lines)
    return f"<li><span>{name}</span><b>{size}</b>{more}</li>"


def _digests(artifact: Artifact) -> str:
    rows = (("CodeSha256", artifact.code_sha256), ("SHA-256", artifact.sha256))
    inside = "".join(f"<dt>{name}</dt><dd><code>{value}</code></dd>" for name, value in rows)
    return f'<dl class="digests">{inside}</dl>'


def _caps(usages: Iterable[LimitUsage]) -> str:
    rows = []
    for usage in usages:
        actual, limit, percent = cap_texts(usage)
        bar = (
            f'<svg role="img" aria-label="{percent}">'
            f'<rect width="{min(usage.share, 1) * 100:.1f}%" height="100%"/></svg>'
        )
        kind = ' class="over"' if usage.over else ""
        rows.append(
            f'<tr{kind}><th scope="row">{escape(usage.title)}</th><td>{actual}</td>'
            f'<td class="limit">{escape(limit)}</td><td class="bar">{bar}</td>'
            f"<td>{percent}</td></tr>"
        )
    caption = '<caption class="unseen">Caps: what it is, what it may be</caption>'
    return f'<table class="caps">{caption}{"".join(rows)}</table>' if rows else "<div></div>"


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    counts = Counter(finding.severity for finding in findings)
    nouns = {Severity.FAIL: "failure", Severity.WARN: "warning", Severity.NOTE: "note"}
    told = ", ".join(count_text(counts[s], noun) for s, noun in nouns.items() if counts[s])
    items = "".join(
        f'<li><b class="{f.severity.value}">{f.severity.value}</b> {escape(f.message)}</li>'
        for f in findings
    )
    is_open = " open" if counts[Severity.FAIL] else ""
    opening = f'<details class="findings"{is_open}><summary>Found: {told}</summary>'
    return f"{opening}<ul>{items}</ul></details>"


def _folded(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> str:
    """Return a table, or nothing where it has no rows; a column of which nothing is known goes."""
    if not rows:
        return ""
    known = [n for n in range(len(columns)) if any(row[n] != _UNKNOWN for row in rows)]
    heads = [columns[n] for n in known]
    head = "".join(f'<th scope="col"{_class(kind)}>{name}</th>' for name, kind in heads)
    body = "".join(f"<tr>{_cells(heads, [row[n] for n in known])}</tr>" for row in rows)
    summary = f"<summary>{title}</summary>"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<details class="sums">{summary}<div>{table}</div></details>'


def _cells(heads: Sequence[tuple[str, str]], texts: Sequence[str]) -> str:
    """Return the cells of a row; a number has its column's name too, for screens too narrow."""
    cells = []
    for (name, kind), text in zip(heads, texts, strict=True):
        named = f' data-name="{name}"' if kind == _NUMBER else ""
        cells.append(f"<td{_class(kind)}{named}>{escape(text)}</td>")
    return "".join(cells)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
