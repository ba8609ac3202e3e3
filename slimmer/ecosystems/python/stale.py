"""Bytecode that Python would not use, as the times and sizes of its sources say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from slimmer.formats import FormatError
from slimmer.formats.python import pyc
from slimmer.model.findings import Finding, finding
from slimmer.sizes import count_text
from slimmer.text import and_more

# Measured: import CPU of 19 third-party applications without and with bytecode, in seconds.
WITHOUT_S, WITH_S = 13.0, 4.4
DEAR = f"{WITHOUT_S / WITH_S:.0f}"


def stale_findings(stale: Sequence[str], of: int, fate: str) -> Iterator[Finding]:
    """Warn where more than half of the bytecode, ``of`` so many files, would not be used."""
    if 2 * len(stale) > of:
        yield finding(
            "bytecode-stale",
            f"{len(stale):,} of {count_text(of, 'bytecode file')} ({and_more(stale)}) {fate}, as "
            "their sources have another time or size, and the import CPU of a cold start is about "
            f"{DEAR} times as high; copy with the times (cp -a), or compile with --pyc compile",
        )


def stale_in(
    sizes: Mapping[str, int], mtime_ns: Callable[[str], int], head: Callable[[str], bytes]
) -> Iterator[Finding]:
    """Warn where Python would not use most of the bytecode among files, as they are unpacked.

    ``head`` gives the first bytes of a file. Raises what reading raises.
    """
    cached = {path: pyc.source_of(path) or "" for path in sizes if path.endswith(".pyc")}
    cached = {path: source for path, source in cached.items() if source in sizes}
    stale = []
    for path, source in cached.items():
        with contextlib.suppress(FormatError):
            header = pyc.parse(head(path))
            if not pyc.belongs(header, mtime_ns(source) // 1_000_000_000, sizes[source]):
                stale.append(path)
    yield from stale_findings(stale, len(cached), "would not be used")
