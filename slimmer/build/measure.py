"""What files would take in a zip that does not hold them, or not as the tree has them.

Each is compressed as the packer would, and only its size is kept; the zip is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.formats.zip.writer import HEADERS_BYTES
from slimmer.inputs.base import Source
from slimmer.model.artifact import Member
from slimmer.model.plan import Keep, Plan, Step
from slimmer.model.tree import Entry, Kind
from slimmer.outputs.zip import deflated
from slimmer.parallel import available_cores
from slimmer.paths import join

PART_BYTES = 256 * 1024 * 1024  # a larger file is compressed in parts, to spare the memory


class Measure(NamedTuple):
    """What a file would take in the zip: its data alone, and with its two headers."""

    compressed_bytes: int
    zip_bytes: int


def not_as_it_was(plan: Plan, members: Mapping[str, Member]) -> list[Entry]:
    """Return the files and links of the tree that a zip does not hold as they were.

    They are dropped, made links, or changed by a transform. ``members`` are those of the zip
    by their path in the tree.
    """
    return [
        step.entry
        for step in plan.steps
        if step.entry.kind in (Kind.FILE, Kind.LINK) and not _is_as_it_was(step, members)
    ]


def _is_as_it_was(step: Step, members: Mapping[str, Member]) -> bool:
    if not isinstance(step, Keep):
        return False
    change = members[step.entry.path].change
    return change is None or not change.applied


def measure(
    entries: Sequence[Entry],
    prefix: str,
    source: Source,
    level: int,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
    *,
    part_bytes: int = PART_BYTES,
) -> dict[str, Measure]:
    """Return what each file or link would take under ``prefix`` in a zip, by its path.

    ``level`` is libdeflate's; one thread for each core compresses. ``progress`` is told how
    many bytes of the tree are done, and of how many. Raises InputError for what cannot be read.
    """

    def one(entry: Entry) -> int:
        return _compressed_bytes(entry, source, level, part_bytes)

    total_bytes = sum(entry.size_bytes for entry in entries)
    done_bytes = 0
    found = {}
    pool = ThreadPoolExecutor(available_cores(), thread_name_prefix="measure")
    try:
        for entry, compressed in zip(entries, pool.map(one, entries), strict=True):
            name_bytes = len(join(prefix, entry.path).encode("utf-8", "surrogateescape"))
            found[entry.path] = Measure(compressed, compressed + HEADERS_BYTES + 2 * name_bytes)
            done_bytes += entry.size_bytes
            progress(done_bytes, total_bytes)
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _compressed_bytes(entry: Entry, source: Source, level: int, part_bytes: int) -> int:
    if entry.kind is Kind.LINK:
        return len(entry.target.encode("utf-8", "surrogateescape"))
    try:
        return sum(len(deflated(p, level) or p) for p in _parts(entry, source, part_bytes))
    except InputError as error:
        raise InputError(f"{error} (--measure-dropped reads what is dropped, too)") from None


def _parts(entry: Entry, source: Source, part_bytes: int) -> Iterator[bytes]:
    for start in range(0, entry.size_bytes, part_bytes):
        yield source.read_part(entry.path, start, min(part_bytes, entry.size_bytes - start))
