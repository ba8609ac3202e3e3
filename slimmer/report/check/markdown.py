"""What the gate says, for a pull-request comment or GitHub's step summary: Markdown, folded."""

from __future__ import annotations

import functools

from slimmer.check.gate import CheckResult
from slimmer.check.growth import BaselineDelta
from slimmer.model.codes import Severity
from slimmer.report.build.markdown import caps_table
from slimmer.report.check.text import since_text
from slimmer.report.diff.text import path_text
from slimmer.report.gfm import code, cut, details, fitted, more_rows, prose, table
from slimmer.sizes import count_text, growth_text, size_text

_ROWS = 50  # of a table, where they fit into what GitHub takes
_SHORT = "_Shortened; `--json` has everything._"


def render_markdown(result: CheckResult) -> str:
    """Return the judgement as GitHub Flavored Markdown, of 65,536 bytes at most."""
    growth = result.growth
    counts = [len(result.components), len(result.findings), len(result.usages)]
    counts += [len(growth.components), len(growth.differences)] if growth else []
    most = max(counts)
    return fitted(functools.partial(_rendered, result, most), min(most, _ROWS))


def _rendered(result: CheckResult, most: int, rows: int) -> str:
    growth = result.growth
    failures = [f for f in result.findings if f.severity is Severity.FAIL]
    others = [f for f in result.findings if f.severity is not Severity.FAIL]
    said = "failed" if result.over else "passed"
    since = f", {prose(since_text(growth))}" if growth else ""
    zips = ", ".join(code(checked.name) for checked in result.zips[:5])
    parts = [
        [f"### slim check: {said}, {zips}{since}"],
        [f"- **fail**: {prose(f.message)}" for f in failures[:rows]],
        [f"- **{f.severity.value}**: {prose(f.message)}" for f in others[:rows]],
        caps_table(result.usages[:rows]),
        *((_grown_components(growth, rows), _grown_files(growth, rows)) if growth else ()),
        _components(result, rows),
        [_SHORT] if rows < most else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _grown_components(growth: BaselineDelta, rows: int) -> list[str]:
    shown, more = cut(growth.components, rows)
    lines: list[tuple[str, ...]] = [
        (
            code(row.component),
            f"{size_text(row.old.compressed_bytes)} → {size_text(row.new.compressed_bytes)}",
            growth_text(row.unzipped_bytes),
            growth_text(row.compressed_bytes),
        )
        for row in shown
    ]
    lines += more_rows(more, 4)
    return table(("component", "zipped then and now", "unzipped", "zipped"), lines) if lines else []


def _grown_files(growth: BaselineDelta, rows: int) -> list[str]:
    shown, more = cut(growth.differences, rows)
    lines: list[tuple[str, ...]] = [
        (d.what, code(path_text(d)), growth_text(d.unzipped_bytes), growth_text(d.compressed_bytes))
        for d in shown
    ]
    lines += more_rows(more, 4)
    summary = f"What changed: {count_text(len(growth.differences), 'file')}"
    body = table(("", "file", "unzipped", "zipped"), lines, frozenset({0, 1}))
    return details(summary, body) if lines else []


def _components(result: CheckResult, rows: int) -> list[str]:
    shown, more = cut(list(result.components.items()), rows)
    lines: list[tuple[str, ...]] = [
        (
            code(name),
            f"{size.files:,}",
            size_text(size.unzipped_bytes),
            size_text(size.compressed_bytes),
        )
        for name, size in shown
    ]
    lines += more_rows(more, 4)
    files = count_text(result.size.files, "file")
    unzipped, zipped = size_text(result.size.unzipped_bytes), size_text(result.zip_bytes)
    summary = f"What is in it: {files}, {unzipped} unzipped, {zipped} zipped"
    return details(summary, table(("component", "files", "unzipped", "zipped"), lines))
