"""Unpacking every member of a zip once: what the gate counts is measured, not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.measure import why_broken
from slimmer.formats.zip.reader import Zip
from slimmer.parallel import available_cores

MAX_MEASURED_BYTES = 4_000_000_000  # of a zip, sixteen times what Lambda takes
_LARGE_BYTES = 1024 * 1024  # of a member that is worth a thread beside the search

T = TypeVar("T")


def measured(
    data: Data, archive: Zip, search: Callable[[set[int]], T]
) -> tuple[T, list[tuple[str, str]]]:
    """Return what a search of the zip finds, and each member that is not what the zip says.

    The search adds to its set where the members begin that it has read to their end; those need
    no second look. Threads unpack the large members meanwhile. Each broken member has its name
    and the reason.
    """
    if sum(member.size_bytes for member in archive.members) > MAX_MEASURED_BYTES:
        return search(set()), [("", "it says that it unpacks to more than 4 GB")]
    whole: set[int] = set()
    with ThreadPoolExecutor(available_cores(), thread_name_prefix="measure") as pool:
        large = [member for member in archive.members if member.size_bytes >= _LARGE_BYTES]
        large.sort(key=lambda member: member.size_bytes, reverse=True)
        looks = {m.header_offset: pool.submit(why_broken, data, m) for m in large}
        found = search(whole)

        def reasons() -> Iterator[tuple[str, str]]:
            for member in archive.members:
                look = looks.get(member.header_offset)
                if look is not None:
                    yield member.name, look.result()
                elif member.header_offset not in whole:
                    yield member.name, why_broken(data, member)

        return found, [(name, why) for name, why in reasons() if why]
