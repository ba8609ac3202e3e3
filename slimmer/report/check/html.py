"""What the gate says, as one HTML page: the verdict, the caps, packages, and what grew."""

from __future__ import annotations

from slimmer.check.gate import CheckResult
from slimmer.check.growth import BaselineDelta
from slimmer.report.check.text import since_text, zip_rows
from slimmer.report.diff.text import path_text
from slimmer.report.page import (
    NUMBER,
    PLAIN,
    SIZES,
    Step,
    Title,
    caps_html,
    findings_html,
    folded,
    overview,
    page,
    way,
)
from slimmer.sizes import count_text, exact_text, growth_text, size_text
from slimmer.text import printable

_MOST = 500  # rows of a table; --json has all


def render_html(result: CheckResult) -> str:
    """Return the page."""
    size = result.size
    steps = [
        Step("Zipped", size_text(result.zip_bytes), [exact_text(result.zip_bytes)]),
        Step("Unzipped", size_text(size.unzipped_bytes), [count_text(size.files, "file")]),
    ]
    zips = zip_rows(result)
    packages = [
        (
            printable(name),
            f"{size.files:,}",
            size_text(size.unzipped_bytes),
            size_text(size.compressed_bytes),
        )
        for name, size in list(result.components.items())[:_MOST]
    ]
    columns = (("zip", PLAIN), ("role", PLAIN), ("members", NUMBER), *SIZES[1:])
    body = [
        folded("Packages and components", (("name", PLAIN), *SIZES), packages, is_open=True),
        *(_grown(result.growth) if result.growth else ()),
        folded("Zips", columns, zips),
    ]
    verdict, kind = ("failed", "fail") if result.over else ("passed", "fine")
    told = f"target {result.target}"
    told += f"; {since_text(result.growth)}" if result.growth else ""
    name = ", ".join(printable(z.name) for z in result.zips)
    head = [overview(way(steps), caps_html(result.usages)), findings_html(result.findings)]
    return page(Title(name, verdict, kind, told), head, body)


def _grown(growth: BaselineDelta) -> list[str]:
    sizes = (("unzipped", NUMBER), ("zipped", NUMBER))
    packages = [
        (
            printable(row.component),
            growth_text(row.unzipped_bytes),
            growth_text(row.compressed_bytes),
        )
        for row in growth.components[:_MOST]
    ]
    files = [
        (path_text(d), d.what, growth_text(d.unzipped_bytes), growth_text(d.compressed_bytes))
        for d in growth.differences[:_MOST]
    ]
    return [
        folded("Grown packages", (("name", PLAIN), *sizes), packages, is_open=True),
        folded("Grown files", (("file", PLAIN), ("", PLAIN), *sizes), files),
    ]
