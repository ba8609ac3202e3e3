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
    steps = [_step(old), _step(new)]
    grown = new.size.unzipped_bytes - old.size.unzipped_bytes
    steps.append(Step("Difference", growth_text(grown), [counts_text(comparison) or "the same"]))
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
    return page(title, [overview(way(steps), ""), *lost], body)


def _step(inventory: Inventory) -> Step:
    size = inventory.size
    below = [count_text(size.files, "file"), f"{size_text(size.unzipped_bytes)} unzipped"]
    figure = size.unzipped_bytes if inventory.zip_bytes is None else inventory.zip_bytes
    return Step(printable(inventory.name), size_text(figure), below)
