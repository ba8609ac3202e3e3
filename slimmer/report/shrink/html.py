"""What came of a shrink, as one HTML page: what was used, kept unused, dropped, unit by unit."""

from __future__ import annotations

from slimmer.report.page import NUMBER, PLAIN, WHY, Step, Title, folded, overview, page, way
from slimmer.report.shrink.text import HEADER, NOT_TRIED, unit_rows, warning_lines
from slimmer.shrink.model import Amount, Shrinking
from slimmer.sizes import count_text, size_text
from slimmer.text import printable


def render_html(found: Shrinking) -> str:
    """Return the page."""
    left = found.kept.size_bytes - found.dropped.size_bytes
    steps = [
        Step("Ships without a shrink", size_text(found.kept.size_bytes), _below(found.kept)),
        Step("Used", size_text(found.used.size_bytes), _below(found.used)),
        Step("Kept", size_text(left), [f"{count_text(found.trials, 'trial')} proved it"]),
    ]
    told = [found.seen, *(() if found.complete else (NOT_TRIED,)), *warning_lines(found)]
    body = [_units(found), _dropped(found), _files(found)]
    title = Title("slim shrink", told="; ".join(told))
    return page(title, [overview(way(steps), "")], body)


def _below(amount: Amount) -> list[str]:
    return [count_text(amount.units, "unit"), count_text(amount.files, "file")]


def _units(found: Shrinking) -> str:
    """Return what each unit held: what events used, what stays though none did, what goes."""
    columns = (("unit", PLAIN), *((name, NUMBER) for name in ("used", "kept unused", "dropped")))
    rows = sorted(found.uses, key=lambda use: (-use.shipped_bytes, use.unit))
    cells = []
    for use in rows:
        unused_bytes = use.kept_bytes - use.used_bytes
        sizes = (use.used_bytes, unused_bytes, use.shipped_bytes - use.kept_bytes)
        cells.append((printable(use.unit), *(size_text(size) if size else "0" for size in sizes)))
    return folded("Units", columns, cells, is_open=True)


def _dropped(found: Shrinking) -> str:
    columns = tuple(zip(HEADER, (PLAIN, PLAIN, NUMBER, WHY), strict=True))
    return folded("Dropped", columns, unit_rows(found), is_open=True)


def _files(found: Shrinking) -> str:
    columns = (("file of a used unit", PLAIN), ("what becomes of it", WHY))
    cells = [
        (printable(path), "keeps its name" if path in row.hollow else "goes")
        for row in found.shrunk.units
        for path in row.paths
    ]
    return folded("Dropped files", columns, cells)
