"""What is in an artifact, as one HTML page: what to drop first, then packages, then files."""

from __future__ import annotations

from collections.abc import Sequence

from slimmer.inventory.inspection import Inspection, Row
from slimmer.inventory.inventory import Size
from slimmer.report.inspect.text import next_lines
from slimmer.report.page import (
    NUMBER,
    PLAIN,
    SIZES,
    TIER,
    UNKNOWN,
    WHY,
    Step,
    Title,
    findings_html,
    folded,
    overview,
    page,
    way,
)
from slimmer.sizes import count_text, exact_text, size_text
from slimmer.text import printable

_MOST = 200  # rows of a table; --json has all


def render_html(inspection: Inspection) -> str:
    """Return the page."""
    inventory = inspection.inventory
    size, is_zip = inventory.size, inventory.zip_bytes is not None
    steps = [Step("Unzipped", size_text(size.unzipped_bytes), [count_text(size.files, "file")])]
    if inventory.zip_bytes is not None:
        exact = exact_text(inventory.zip_bytes)
        steps.append(Step("Zip", size_text(inventory.zip_bytes), [exact]))
    tiers = [(tier.label, *_sizes(dropped, is_zip=is_zip)) for tier, dropped in inspection.tiers]
    first, *others = next_lines(inspection) or [""]
    told = "; ".join((first, *(line.removeprefix("next: ") for line in others)))
    body = [
        _droppable(inspection, is_zip=is_zip),
        folded("What each tier drops", (("tier", PLAIN), *SIZES), tiers),
        _rows("Packages and components", inspection.components, is_zip=is_zip, is_open=True),
        _distribution(inspection),
        _layers(inspection),
        _rows("What nothing reaches", inspection.unreached, is_zip=is_zip),
        _rows("Owners", inspection.owners, is_zip=is_zip),
        _rows("Folders", inspection.folders, is_zip=is_zip),
        _rows("Kinds of files", inspection.kinds, is_zip=is_zip),
        *_files(inspection, is_zip=is_zip),
    ]
    head = [overview(way(steps), ""), findings_html(inspection.findings)]
    return page(Title(printable(inventory.name), told=told), head, body)


def _sizes(size: Size, *, is_zip: bool) -> tuple[str, str, str]:
    zipped = size_text(size.compressed_bytes) if is_zip else UNKNOWN
    return f"{size.files:,}", size_text(size.unzipped_bytes), zipped


def _rows(title: str, rows: Sequence[Row], *, is_zip: bool, is_open: bool = False) -> str:
    cells = [(printable(row.name), *_sizes(row.size, is_zip=is_zip)) for row in rows[:_MOST]]
    return folded(title, (("name", PLAIN), *SIZES), cells, is_open=is_open)


def _distribution(inspection: Inspection) -> str:
    columns = (("package", PLAIN), ("version", PLAIN), *SIZES[:2])
    rows = [
        (printable(p.name), printable(p.version), f"{p.files:,}", size_text(p.unzipped_bytes))
        for p in inspection.inventory.packages[:_MOST]
    ]
    return folded("Packages of the distribution", columns, rows)


def _layers(inspection: Inspection) -> str:
    columns = (("layer", NUMBER), *SIZES[:2], ("gone again", NUMBER), ("made by", WHY))
    rows = [
        (
            f"{at}",
            f"{row.files:,}",
            size_text(row.unzipped_bytes),
            size_text(row.wasted_bytes),
            printable(row.made_by),
        )
        for at, row in enumerate(inspection.layers, start=1)
    ]
    return folded("Layers of the image", columns, rows)


def _droppable(inspection: Inspection, *, is_zip: bool) -> str:
    columns = (("component", PLAIN), ("from tier", TIER), *SIZES, ("why", WHY))
    rows = [
        (d.name, d.tier.label, *_sizes(d.size, is_zip=is_zip), d.why) for d in inspection.droppable
    ]
    return folded("Can be dropped, largest first", columns, rows, is_open=True)


def _files(inspection: Inspection, *, is_zip: bool) -> list[str]:
    largest = [
        (printable(item.path), *_sizes(Size().plus(item), is_zip=is_zip)[1:])
        for item in inspection.largest[:_MOST]
    ]
    duplicates = [
        (printable(d.paths[0]), f"{len(d.paths) - 1:,}", size_text(d.wasted_bytes))
        for d in inspection.duplicates[:_MOST]
    ]
    unstripped = [
        (printable(u.path), u.transform, size_text(u.saved_bytes))
        for u in inspection.unstripped[:_MOST]
    ]
    foreign = [(printable(path), why) for path, why in inspection.foreign[:_MOST]]
    file, copies = ("file", PLAIN), (("others", NUMBER), ("wasted", NUMBER))
    saves = (("transform", PLAIN), ("would save", NUMBER))
    return [
        folded("Largest files", (file, *SIZES[1:]), largest),
        folded("The same bytes twice", (file, *copies), duplicates),
        folded("Not stripped", (file, *saves), unstripped),
        folded("Cannot load on Lambda", (file, ("why", WHY)), foreign),
    ]
