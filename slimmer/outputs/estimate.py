"""How large a zip will be, from a part of the work.

What a former build packed is known to the byte. The rest is deflated at level 1, which takes a
small part of the time, and a systematic sample of it at the level that is asked for, too: what the
level saves in the sample it saves in all.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import deflate

from slimmer.cache.cache import Cache
from slimmer.formats.zip.records import END
from slimmer.formats.zip.writer import HEADERS_BYTES
from slimmer.model.times import extra_of
from slimmer.outputs.zip import PendingMember, packed_before
from slimmer.parallel import available_cores

_QUICK_LEVEL = 1
_UNIT_BYTES = 64 * 1024  # of a member, which is sampled in parts
_WINDOW_BYTES = 32 * 1024  # what deflate looks back at
_SHARE = 40  # one in so many bytes is in the sample
_MIN_POINTS = 48  # each brings the unit in which it lies


class Estimate(NamedTuple):
    """About how large a zip will be, and how much of the members' bytes was packed for that."""

    zip_bytes: int
    known_members: int
    members: int
    sampled_bytes: int
    unzipped_bytes: int


class _Looked(NamedTuple):
    """One member: its headers and what is known; its quick size, and pairs of its sample.

    A pair is a unit at the level that is asked for and at the quick one, each by byte of the unit.
    """

    exact_bytes: int
    quick_bytes: int = 0
    pairs: tuple[tuple[float, float], ...] = ()
    sampled_bytes: int = 0
    size_bytes: int = 0
    is_known: bool = False


def estimate(
    pending: Iterable[PendingMember],
    level: int,
    cache: Cache,
    progress: Callable[[int], object] = lambda _: None,
) -> Estimate:
    """Return about how large the zip of members will be. Raises what reading raises.

    ``level`` is libdeflate's. ``progress`` is told how many bytes of the tree are done.
    """
    ordered = sorted(pending, key=lambda item: item.name.encode())
    total_bytes = sum(item.size_bytes for item in ordered)
    points = max(total_bytes // _UNIT_BYTES // _SHARE, _MIN_POINTS)
    step_bytes = max(total_bytes // points, 1)
    starts = _starts(ordered)

    def look(number: int) -> _Looked:
        return _look(ordered[number], starts[number], step_bytes, level, cache)

    looked: list[_Looked] = []
    done_bytes = 0
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="estimate") as pool:
        for item, one in zip(ordered, pool.map(look, range(len(ordered))), strict=True):
            looked.append(one)
            done_bytes += item.size_bytes
            progress(done_bytes)
    pairs = [pair for one in looked for pair in one.pairs]
    asked, quick = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    saved = asked / quick if quick else 1.0
    exact_bytes = sum(one.exact_bytes for one in looked) + END.size
    return Estimate(
        zip_bytes=exact_bytes + round(saved * sum(one.quick_bytes for one in looked)),
        known_members=sum(one.is_known for one in looked),
        members=len(looked),
        sampled_bytes=sum(one.sampled_bytes for one in looked),
        unzipped_bytes=sum(one.size_bytes for one in looked),
    )


def _starts(ordered: Sequence[PendingMember]) -> list[int]:
    """Return at which byte of all each member begins."""
    starts, at = [], 0
    for item in ordered:
        starts.append(at)
        at += item.size_bytes
    return starts


def _look(item: PendingMember, start: int, step_bytes: int, level: int, cache: Cache) -> _Looked:
    headers = HEADERS_BYTES + 2 * (len(item.name.encode()) + len(extra_of(item.time_s)))
    if item.remembered is not None and (known := item.remembered.known()):
        packed = packed_before(known, level, cache)
        if packed is not None:
            size_bytes = known.size_bytes
            return _Looked(headers + len(packed.data), size_bytes=size_bytes, is_known=True)
    content = item.load()
    data = content.data
    if not data or stat.S_ISLNK(content.mode):
        return _Looked(headers + len(data), size_bytes=len(data))
    quick_bytes = _deflated_bytes(data, _QUICK_LEVEL)
    if quick_bytes >= len(data):  # it will be stored
        return _Looked(headers + len(data), size_bytes=len(data))
    units = list(_sampled(len(data), start, step_bytes))
    pairs = tuple(_pair(data, unit, level) for unit in units)
    sampled = sum(unit.stop - unit.start for unit in units)
    return _Looked(headers, quick_bytes, pairs, sampled, len(data))


def _sampled(size_bytes: int, start: int, step_bytes: int) -> Iterator[slice]:
    """Yield the units of a member in which one of every ``step_bytes`` bytes of all lies."""
    unit_bytes = size_bytes if size_bytes < 2 * _UNIT_BYTES else _UNIT_BYTES
    for at in range(0, size_bytes, unit_bytes):
        end = min(at + unit_bytes, size_bytes)
        if (start + end) // step_bytes > (start + at) // step_bytes:
            yield slice(at, end)


def _pair(data: bytes, unit: slice, level: int) -> tuple[float, float]:
    """Return what a unit takes at the level and at the quick one, each by byte of the unit."""
    before = data[max(unit.start - _WINDOW_BYTES, 0) : unit.start]
    both = before + data[unit]
    size_bytes = unit.stop - unit.start
    asked, quick = (
        (_deflated_bytes(both, each) - (_deflated_bytes(before, each) if before else 0))
        / size_bytes
        for each in (level, _QUICK_LEVEL)
    )
    return asked, quick


def _deflated_bytes(data: bytes, level: int) -> int:
    return len(deflate.deflate_compress(data, level))
