"""What is in an artifact, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slimmer.inventory.inspection import Inspection, Row
from slimmer.inventory.inventory import Size
from slimmer.model.rules import Tier
from slimmer.report.terminal import findings_lines, more_rows, prose, table
from slimmer.sizes import count_text, exact_text, size_text
from slimmer.text import printable

_ROWS = 16
_WHY_WIDTH = 60
_MOST = 3  # owners of a layer's files


def render_text(inspection: Inspection, *, all_rows: bool = False) -> str:
    """Return the inspection as text, coloured; long tables are cut unless ``all_rows``."""
    most = None if all_rows else _ROWS
    is_zip = inspection.inventory.zip_bytes is not None
    parts = [
        next_lines(inspection),
        _droppable(inspection, most, is_zip=is_zip),
        _rows("component", inspection.components, most, is_zip=is_zip),
        _rows("folder", inspection.folders, most, is_zip=is_zip),
        _rows("owner", inspection.owners, most, is_zip=is_zip),
        _packages(inspection, most),
        *_layers(inspection, most),
        _rows("kind", inspection.kinds, None, is_zip=is_zip),
        _largest(inspection, most, is_zip=is_zip),
        _duplicates(inspection, most),
        _unstripped(inspection, most),
        _foreign(inspection, most),
        _rows("not reached", inspection.unreached, most, is_zip=is_zip)
        if inspection.unreached
        else [],
        findings_lines(inspection.findings, all_rows=all_rows),
        _outcome(inspection),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def next_lines(inspection: Inspection) -> list[str]:
    """Return what to do next, with what it is worth, the most first; nothing where all stays."""
    tiers = [(tier, dropped) for tier, dropped in inspection.tiers if dropped.files]
    options: list[tuple[str, int, int, str]] = []
    if tiers:
        tier, dropped = next((t for t in tiers if t[0] is Tier.DEFAULT), tiers[0])
        option = "" if tier is Tier.DEFAULT else f" --tier {tier.label}"
        options.append((option, dropped.files, dropped.unzipped_bytes, "of what is unzipped"))
    if inspection.unreached:
        sizes = [row.size for row in inspection.unreached]
        files, size_bytes = sum(s.files for s in sizes), sum(s.unzipped_bytes for s in sizes)
        options.append((" --tree-shake", files, size_bytes, "that nothing reaches"))
    whole = max(inspection.inventory.size.unzipped_bytes, 1)
    return [
        f"next: slim build{option} drops {count_text(files, 'file')}, {size_text(size_bytes)} "
        f"{what} ({size_bytes / whole:.0%})"
        for option, files, size_bytes, what in sorted(options, key=lambda each: -each[2])
    ]


def _cells(size: Size, *, is_zip: bool) -> tuple[str, ...]:
    zipped = (size_text(size.compressed_bytes),) if is_zip else ()
    return (f"{size.files:,}", size_text(size.unzipped_bytes), *zipped)


def _header(*names: str, is_zip: bool) -> tuple[str, ...]:
    return (*names, "unzipped", "zipped") if is_zip else (*names, "unzipped")


def _rows(name: str, rows: Sequence[Row], most: int | None, *, is_zip: bool) -> list[str]:
    header = _header(name, "files", is_zip=is_zip)
    shown = [(printable(row.name), *_cells(row.size, is_zip=is_zip)) for row in rows[:most]]
    shown += more_rows(len(rows) - len(shown), len(header))
    return table(header, shown, frozenset({0}))


def _packages(inspection: Inspection, most: int | None) -> list[str]:
    """Return the packages of a distribution, as its records list them."""
    found = inspection.inventory.packages
    if not found:
        return []
    rows: list[tuple[str, ...]] = [
        (printable(p.name), printable(p.version), f"{p.files:,}", size_text(p.unzipped_bytes))
        for p in found[:most]
    ]
    rows += more_rows(len(found) - len(rows), 4)
    sums = _count(p.files for p in found), _sum(p.unzipped_bytes for p in found)
    rows.append((f"all {len(found):,}", "", *sums))
    return table(("package", "version", "files", "unzipped"), rows, frozenset({0, 1}))


def _layers(inspection: Inspection, most: int | None) -> list[list[str]]:
    """Return what of an image each layer brought, and what of it is gone again."""
    layers = inspection.layers
    if not layers:
        return []
    rows: list[tuple[str, ...]] = [
        (
            f"{at}",
            f"{row.files:,}",
            size_text(row.unzipped_bytes),
            size_text(row.wasted_bytes) if row.wasted_bytes else "",
            ", ".join(f"{printable(name)} {size_text(size)}" for name, size in row.brought[:_MOST]),
            prose(printable(row.made_by), _WHY_WIDTH),
        )
        for at, row in enumerate(layers, start=1)
    ]
    unzipped, wasted = _sum(r.unzipped_bytes for r in layers), _sum(r.wasted_bytes for r in layers)
    rows.append(("all", _count(row.files for row in layers), unzipped, wasted, "", ""))
    header = ("layer", "files", "unzipped", "gone again", "most of it", "made by")
    gone = sorted(
        ((at, each) for at, row in enumerate(layers, start=1) for each in row.gone),
        key=lambda pair: (-pair[1].unzipped_bytes, pair[1].path),
    )
    lost: list[tuple[str, ...]] = [
        (printable(g.path), size_text(g.unzipped_bytes), f"{at}", f"{g.by_layer}")
        for at, g in gone[:most]
    ]
    lost += more_rows(len(gone) - len(lost), 4)
    parts = [table(header, rows, frozenset({0, 4, 5}))]
    if gone:
        names = ("gone again", "unzipped", "of layer", "by layer")
        parts.append(table(names, lost, frozenset({0})))
    return parts


def _largest(inspection: Inspection, most: int | None, *, is_zip: bool) -> list[str]:
    header = _header("largest", is_zip=is_zip)
    rows = [
        (printable(i.path), *_cells(Size().plus(i), is_zip=is_zip)[1:])
        for i in inspection.largest[:most]
    ]
    return table(header, rows, frozenset({0}))


def _duplicates(inspection: Inspection, most: int | None) -> list[str]:
    found = inspection.duplicates
    if not found:
        return []
    rows: list[tuple[str, ...]] = [
        (printable(d.paths[0]), f"{len(d.paths) - 1:,}", size_text(d.wasted_bytes))
        for d in found[:most]
    ]
    rows += more_rows(len(found) - len(rows), 3)
    rows.append(("all", _count(len(d.paths) - 1 for d in found), _sum(d[1] for d in found)))
    return table(("the same as", "others", "wasted"), rows, frozenset({0}))


def _unstripped(inspection: Inspection, most: int | None) -> list[str]:
    found = inspection.unstripped
    if not found:
        return []
    rows: list[tuple[str, ...]] = [
        (printable(u.path), u.transform, size_text(u.saved_bytes)) for u in found[:most]
    ]
    rows += more_rows(len(found) - len(rows), 3)
    rows.append((f"all {len(found):,}", "", _sum(u.saved_bytes for u in found)))
    return table(("unstripped", "transform", "would save"), rows, frozenset({0, 1}))


def _foreign(inspection: Inspection, most: int | None) -> list[str]:
    found = inspection.foreign
    if not found:
        return []
    rows: list[tuple[str, ...]] = [(printable(path), why) for path, why in found[:most]]
    rows += more_rows(len(found) - len(rows), 2)
    return table(("foreign", "why"), rows, frozenset({0, 1}))


def _droppable(inspection: Inspection, most: int | None, *, is_zip: bool) -> list[str]:
    found = inspection.droppable
    if not found:
        return []
    header = (*_header("would drop", "from tier", "files", is_zip=is_zip), "why")
    rows: list[tuple[str, ...]] = [
        (d.name, d.tier.label, *_cells(d.size, is_zip=is_zip), prose(d.why, _WHY_WIDTH))
        for d in found[:most]
    ]
    rows += more_rows(len(found) - len(rows), len(header))
    return table(header, rows, frozenset({0, 1, len(header) - 1}))


def _outcome(inspection: Inspection) -> list[str]:
    inventory, size = inspection.inventory, inspection.inventory.size
    zipped = ""
    if inventory.zip_bytes is not None:
        zipped = f", {exact_text(size.compressed_bytes)} zipped, {exact_text(inventory.zip_bytes)}"
        zipped += " with headers"
    lines = [
        f"--tier {tier.label} drops {_tier(dropped, is_zip=inventory.zip_bytes is not None)}"
        for tier, dropped in inspection.tiers
    ]
    what = f"{count_text(size.files, 'file')}, {exact_text(size.unzipped_bytes)} unzipped{zipped}"
    return [*lines, f"{printable(inventory.name)}: {what}"]


def _tier(size: Size, *, is_zip: bool) -> str:
    zipped = f", {size_text(size.compressed_bytes)} zipped" if is_zip else ""
    return f"{count_text(size.files, 'file')}, {size_text(size.unzipped_bytes)} unzipped{zipped}"


def _count(numbers: Iterable[int]) -> str:
    return f"{sum(numbers):,}"


def _sum(sizes: Iterable[int]) -> str:
    return size_text(sum(sizes))
