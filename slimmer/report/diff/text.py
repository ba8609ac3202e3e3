"""What changed between two artifacts, for people."""

from __future__ import annotations

from collections import Counter

from slimmer.inventory.diff import ADDED, CHANGED, MOVED, REMOVED, Comparison, Difference
from slimmer.inventory.inventory import Inventory
from slimmer.report.terminal import more_rows, table
from slimmer.sizes import count_text, growth_text
from slimmer.text import printable

_ROWS = 20
_UNKNOWN = "-"
_MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~", MOVED: ">"}


def render_text(comparison: Comparison, *, all_rows: bool = False) -> str:
    """Return the comparison as text, coloured; the sums are to the byte.

    What grew most comes first. Long tables are cut unless ``all_rows`` is asked for.
    """
    if not comparison.differences:
        layers = layer_text(comparison)
        return f"the same: {_line('', comparison.new)}\n" + (f"{layers}\n" if layers else "")
    most = len(comparison.differences) if all_rows else _ROWS
    parts = [
        _components(comparison, most),
        _packages(comparison, most),
        _files(comparison, most),
        _outcome(comparison),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def growth_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return a row for each component that differs: name, versions, files, growth."""
    rows: list[tuple[str, ...]] = []
    for growth in comparison.components:
        files = growth.new.files - growth.old.files
        grown = (growth.unzipped_bytes, growth.compressed_bytes)
        news = "new" if not growth.old.files else "gone" if not growth.new.files else ""
        versions = printable(comparison.versions.get(growth.component, ""))
        cells = (versions, f"{files:+,}" if files else "", *growth_texts(comparison, *grown), news)
        rows.append((printable(growth.component), *cells))
    return rows


def difference_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return a row for each file that differs, those that grew or shrank most first.

    What happened to it, its path, its unzipped and its zipped growth.
    """
    differences = sorted(
        comparison.differences,
        key=lambda d: (-abs(d.compressed_bytes), -abs(d.unzipped_bytes), d.item.path),
    )
    return [
        (d.what, path_text(d), *growth_texts(comparison, d.unzipped_bytes, d.compressed_bytes))
        for d in differences
    ]


def _components(comparison: Comparison, most: int) -> list[str]:
    rows = growth_rows(comparison)
    shown = rows[:most]
    shown += more_rows(len(rows) - most, 6)
    old, new = comparison.old.size, comparison.new.size
    files = new.files - old.files
    grown = (new.unzipped_bytes - old.unzipped_bytes, new.compressed_bytes - old.compressed_bytes)
    shown.append(("all", "", f"{files:+,}" if files else "", *growth_texts(comparison, *grown), ""))
    header = ("component", "version", "files", "unzipped", "zipped", "")
    return table(header, shown, frozenset({0, 1, 5}))


def package_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """Return a row for each package of a distribution that differs: its name, and its versions."""
    return [(printable(p.name), printable(_became(p.old, p.new))) for p in comparison.packages]


def _became(old: str, new: str) -> str:
    if old and new:
        return f"{old} -> {new}"
    return f"{new}, come" if new else f"{old}, gone"


def package_text(comparison: Comparison) -> str:
    """Return how many packages came, went and have another version; empty where none differs."""
    found = comparison.packages
    counts = {
        "come": sum(not p.old for p in found),
        "gone": sum(not p.new for p in found),
        "of another version": sum(bool(p.old and p.new) for p in found),
    }
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def layer_text(comparison: Comparison) -> str:
    """Return what both images take as they are stored, and what is gone again; else nothing."""
    old, new = comparison.old.layers, comparison.new.layers
    if old is None or new is None:
        return ""
    return (
        f"layers: {old.layers:,} -> {new.layers:,}, stored {old.stored_bytes:,} B -> "
        f"{new.stored_bytes:,} B, of it gone again {old.wasted_bytes:,} B -> {new.wasted_bytes:,} B"
    )


def _packages(comparison: Comparison, most: int) -> list[str]:
    rows = package_rows(comparison)
    if not rows:
        return []
    shown: list[tuple[str, ...]] = [*rows[:most], *more_rows(len(rows) - most, 2)]
    lines = table(("package", "version"), shown, frozenset({0, 1}))
    return [*lines, f"packages: {package_text(comparison)}"]


def _files(comparison: Comparison, most: int) -> list[str]:
    rows = difference_rows(comparison)
    shown: list[tuple[str, ...]] = [(_MARKS[what], *cells) for what, *cells in rows[:most]]
    shown += more_rows(len(rows) - most, 4, at=1)
    lines = table(("", "file", "unzipped", "zipped"), shown, frozenset({0, 1}))
    return [*lines, f"files: {counts_text(comparison)}"]


def counts_text(comparison: Comparison) -> str:
    """Return how many files differ, and how: ``2 added, 1 moved``."""
    counts = Counter(difference.what for difference in comparison.differences)
    return ", ".join(f"{counts[what]:,} {what}" for what in _MARKS if counts[what])


def _outcome(comparison: Comparison) -> list[str]:
    layers = layer_text(comparison)
    return [
        _line("old: ", comparison.old),
        _line("new: ", comparison.new),
        *([f"zip: {zip_growth(comparison)}"] if comparison.knows_zipped else []),
        *([layers] if layers else []),
        *([comparison.lost_bytecode] if comparison.lost_bytecode else []),
    ]


def _line(name: str, inventory: Inventory) -> str:
    size = inventory.size
    zipped = f", {size.compressed_bytes:,} B zipped" if inventory.zip_bytes is not None else ""
    whole = f", the zip {inventory.zip_bytes:,} B" if inventory.zip_bytes is not None else ""
    what = f"{count_text(size.files, 'file')}, {size.unzipped_bytes:,} B unzipped{zipped}{whole}"
    return f"{name}{printable(inventory.name)}: {what}"


def zip_growth(comparison: Comparison) -> str:
    """Return what both zips weigh, and by how much that grew."""
    old, new = comparison.old.zip_bytes or 0, comparison.new.zip_bytes or 0
    share = f", {(new - old) / old:+.1%}" if old and new != old else ""
    return f"{old:,} B -> {new:,} B ({growth_text(new - old)}{share})"


def growth_texts(
    comparison: Comparison, unzipped_bytes: int, compressed_bytes: int
) -> tuple[str, str]:
    """Return both growths for people, to the byte; zipped only where both are zips."""
    zipped = growth_text(compressed_bytes) if comparison.knows_zipped else _UNKNOWN
    return growth_text(unzipped_bytes), zipped


def path_text(difference: Difference) -> str:
    """Return the path of what differs, for people; what it was, and whether it may now be run."""
    old, new = difference.old, difference.new
    notes = []
    if old and new and old.path != new.path:
        notes.append(f"was {printable(old.path)}")
    if difference.executable is not None:
        notes.append("now executable" if difference.executable else "no longer executable")
    path = printable(difference.item.path)
    return f"{path} ({', '.join(notes)})" if notes else path
