"""Draws docs/sizes.svg, the README's chart, from docs/sizes.toml; ``make docs`` runs it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1] / "docs"
DATA, CHART = DOCS / "sizes.toml", DOCS / "sizes.svg"

WIDTH = 840
_MARGIN = 20
_BARS_AT = 330  # where bars start; their recipes stand to the left
_LONGEST = 260  # the bar of a tree's largest zip
_TITLE, _BAR, _GAP = 26, 20, 14
OURS = "slim"

# The chart has a background of its own, so that it is readable on a page of either colour.
_STYLE = """
  text { font: 13px -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif }
  .card { fill: #ffffff; stroke: #d0d7de }
  .title { fill: #1f2328; font-weight: 600 }
  .label, .size { fill: #59636e }
  .bar { fill: #b6bfc9 }
  .broken { fill: #cf222e }
  .bar.ours { fill: #1a7f37 }
  .ours { fill: #1a7f37; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d }
    .title { fill: #f0f6fc }
    .label, .size { fill: #9198a1 }
    .bar { fill: #4b535d }
    .broken { fill: #ff7b72 }
    .bar.ours { fill: #3fb950 }
    .ours { fill: #3fb950 }
  }
"""


class Zip(NamedTuple):
    """What one recipe makes of a tree."""

    recipe: str
    bytes: int
    #: What no longer works in it; empty where nothing is known to fail.
    broken: str = ""


class Tree(NamedTuple):
    """A tree, and its zips in the order of their bars."""

    title: str
    unzipped_bytes: int
    zips: tuple[Zip, ...]


def trees() -> list[Tree]:
    """Return the trees of the data file."""
    tables = tomllib.loads(DATA.read_text("utf-8"))["tree"]
    return [
        Tree(**{**table, "zips": tuple(Zip(**row) for row in table["zips"])}) for table in tables
    ]


def chart(those: list[Tree]) -> str:
    """Return the chart as SVG: for each tree a bar for each recipe, scaled to its largest zip."""
    parts: list[str] = []
    y = _MARGIN
    for tree in those:
        parts += _tree(tree, y)
        y += _TITLE + _BAR * len(tree.zips) + _GAP
    height = y + _MARGIN - _GAP
    size = f'width="{WIDTH}" height="{height}"'
    inner = f'width="{WIDTH - 1}" height="{height - 1}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height}">',
            f"<title>{escape(_summary(those))}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="card" x="0.5" y="0.5" {inner} rx="6"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _tree(tree: Tree, y: int) -> Iterator[str]:
    unzipped = f"{_megabytes(tree.unzipped_bytes)} unzipped"
    yield (
        f'<text x="{_MARGIN}" y="{y + 14}"><tspan class="title">{escape(tree.title)}</tspan>'
        f'<tspan class="label">, {unzipped}</tspan></text>'
    )
    largest = max(row.bytes for row in tree.zips)
    for number, row in enumerate(tree.zips):
        top = y + _TITLE + _BAR * number
        width = max(2, round(row.bytes / largest * _LONGEST))
        ours = " ours" if row.recipe == OURS else ""
        broken = f'<tspan class="broken">  {escape(row.broken)}</tspan>' if row.broken else ""
        right = f'x="{_BARS_AT - 10}" y="{top + 12}" text-anchor="end"'
        yield f'<text class="label{ours}" {right}>{escape(row.recipe)}</text>'
        bar = f'x="{_BARS_AT}" y="{top + 1}" width="{width}" height="{_BAR - 6}" rx="2"'
        yield f'<rect class="bar{ours}" {bar}/>'
        beside = f'x="{_BARS_AT + width + 8}" y="{top + 12}" xml:space="preserve"'
        yield f'<text class="size{ours}" {beside}>{_megabytes(row.bytes)}{broken}</text>'


def _summary(those: list[Tree]) -> str:
    pairs = ((tree.title, tree.zips[0], tree.zips[-1]) for tree in those)
    return "Zipped sizes. " + " ".join(
        f"{title}: {_megabytes(first.bytes)} by {first.recipe}, {_megabytes(last.bytes)} by slim."
        for title, first, last in pairs
    )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB"


def main() -> None:
    """Write the chart."""
    CHART.write_text(chart(trees()), "utf-8")


if __name__ == "__main__":
    main()
