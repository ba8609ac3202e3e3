"""What changed between two artifacts, as one HTML page: packages first, files below."""

from __future__ import annotations

from slimmer.inventory.diff import Comparison
from slimmer.inventory.inventory import Inventory
from slimmer.report.diff.text import counts_text, difference_rows, growth_rows, zip_growth
from slimmer.report.page import NUMBER, PLAIN, Columns, Step, Title, folded, overview, page, way
from slimmer.sizes import count_text, growth_text, size_text
from slimmer.text import printable

_GROWTH: Columns = (("unzipped", NUMBER), ("zipped", NUMBER))
_MOST = 500  # files; --json has all


def render_html(comparison: Comparison) -> str:
    """Return the page."""
    old, new = comparison.old, comparison.new
    figures = overview(way([_step(old), _step(new)]), way([_difference(comparison)]))
    packages = [(name, versions, *rest) for name, versions, *rest in growth_rows(comparison)]
    files = [(path, what, *sizes) for what, path, *sizes in difference_rows(comparison)[:_MOST]]
    columns = (("package", PLAIN), ("versions", PLAIN), ("files", NUMBER), *_GROWTH, ("", PLAIN))
    body = [
        folded("By package", columns, packages, is_open=True),
        folded("Files", (("file", PLAIN), ("", PLAIN), *_GROWTH), files),
    ]
    told = zip_growth(comparison) if comparison.knows_zipped else ""
    lost = [f'<p class="notice">{comparison.lost_bytecode}</p>'] if comparison.lost_bytecode else []
    title = Title(f"{printable(old.name)} and {printable(new.name)}", told=told)
    return page(title, [figures, *lost], body)


def _difference(comparison: Comparison) -> Step:
    """Return how much the figures before it differ, and what else does."""
    old, new = comparison.old, comparison.new
    unzipped = growth_text(new.size.unzipped_bytes - old.size.unzipped_bytes)
    counts = counts_text(comparison) or "the same"
    if old.zip_bytes is None or new.zip_bytes is None:
        return Step("Difference unzipped", unzipped, [counts])
    zipped = growth_text(new.zip_bytes - old.zip_bytes)
    return Step("Difference", zipped, [counts, f"{unzipped} unzipped"])


def _step(inventory: Inventory) -> Step:
    size = inventory.size
    below = [count_text(size.files, "file"), f"{size_text(size.unzipped_bytes)} unzipped"]
    figure = size.unzipped_bytes if inventory.zip_bytes is None else inventory.zip_bytes
    return Step(printable(inventory.name), size_text(figure), below)
