"""What changed between two artifacts, for a pull-request comment: Markdown, folded."""

from __future__ import annotations

import functools

from slimmer.inventory.diff import Comparison
from slimmer.inventory.inventory import Inventory
from slimmer.report.diff.text import (
    counts_text,
    difference_rows,
    growth_rows,
    growth_texts,
    package_rows,
    package_text,
    zip_growth,
)
from slimmer.report.gfm import SHORTENED, code, cut, details, fitted, more_rows, prose, table
from slimmer.sizes import exact_text


def render_markdown(comparison: Comparison) -> str:
    """Return the comparison as GitHub Flavored Markdown, of 65,536 bytes at most.

    The sums are to the byte. What grew most comes first.
    """
    most = max(len(comparison.components), len(comparison.differences), 1)
    return fitted(functools.partial(_rendered, comparison, most), most)


def _rendered(comparison: Comparison, most: int, rows: int) -> str:
    old, new = code(comparison.old.name), code(comparison.new.name)
    if not comparison.differences:
        return f"### slim diff: {old} and {new} hold the same\n"
    said = prose(zip_growth(comparison) if comparison.knows_zipped else counts_text(comparison))
    parts = [
        [f"### slim diff: {old} to {new}, {said}"],
        _sums(comparison),
        [prose(comparison.lost_bytecode)] if comparison.lost_bytecode else [],
        _components(comparison, rows),
        _packages(comparison, rows),
        _files(comparison, rows),
        [SHORTENED] if rows < most else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _sums(comparison: Comparison) -> list[str]:
    old, new = comparison.old.size, comparison.new.size
    sizes = (new.unzipped_bytes - old.unzipped_bytes, new.compressed_bytes - old.compressed_bytes)
    change = ("change", f"{new.files - old.files:+,}", *growth_texts(comparison, *sizes))
    rows = [_sum("old", comparison.old), _sum("new", comparison.new), change]
    return table(("", "files", "unzipped", "zipped"), rows)


def _sum(name: str, inventory: Inventory) -> tuple[str, str, str, str]:
    size = inventory.size
    zipped = exact_text(size.compressed_bytes) if inventory.zip_bytes is not None else ""
    return (name, f"{size.files:,}", exact_text(size.unzipped_bytes), zipped)


def _components(comparison: Comparison, rows: int) -> list[str]:
    shown, more = cut(growth_rows(comparison), rows)
    lines = [(code(name), *cells) for name, *cells in shown]
    lines += more_rows(more, 6)
    header = ("component", "version", "files", "unzipped", "zipped", "")
    return table(header, lines, frozenset({0, 1, 5}))


def _packages(comparison: Comparison, rows: int) -> list[str]:
    shown, more = cut(package_rows(comparison), rows)
    if not shown:
        return []
    lines: list[tuple[str, ...]] = [(code(name), version) for name, version in shown]
    lines += more_rows(more, 2)
    body = table(("package", "version"), lines, frozenset({0, 1}))
    return details(f"Packages: {package_text(comparison)}", body)


def _files(comparison: Comparison, rows: int) -> list[str]:
    shown, more = cut(difference_rows(comparison), rows)
    lines = [(what, code(name), *cells) for what, name, *cells in shown]
    lines += more_rows(more, 4)
    body = table(("what", "file", "unzipped", "zipped"), lines, frozenset({0, 1}))
    return details(f"Files: {counts_text(comparison)}", body)
