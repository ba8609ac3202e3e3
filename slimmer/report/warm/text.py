"""What there is to say of caches, for people."""

from __future__ import annotations

from collections.abc import Iterator

from slimmer.model.warm import PARTS
from slimmer.report.terminal import OutputStyle
from slimmer.sizes import count_text, size_text
from slimmer.warm.warm import Warmed


def render_text(found: Warmed, style: OutputStyle) -> str:
    """Return what was made as text; nothing where it is quiet."""
    return "" if style.quiet else "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Warmed) -> Iterator[str]:
    size = size_text(sum(map(len, found.warm.files.values())))
    for cache in found.warm.caches:
        yield f"{cache.title}: a fresh start took {count_text(cache.hits, PARTS[cache.kind])}"
    yield f"{count_text(len(found.warm.files), 'file')}, {size} unzipped, in {found.warm.name}"
    for name, run in (("without", found.cold), ("with", found.hit), ("missed", found.missed)):
        if run.first_cpu_s is not None:
            yield f"CPU up to the first answer, {name}: {run.first_cpu_s:.2f} s (one start)"
    for cache in found.warm.caches:
        yield f"set for the function: {cache.env}"
