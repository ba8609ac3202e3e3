"""Where any of many literals stands in a text, found in one pass over it.

Hyperscan is told literals only, and what it finds is judged elsewhere. It reads many times
faster than one ``find`` for each literal does; these are enough for little text, and all that
is left on a machine without it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import hyperscan

LITTLE_BYTES = 100_000  # of all texts together, for which Hyperscan is not worth its start


class Literals:
    """Finds literals, each by its number, in one text after the other.

    They are not empty and hold no zero byte.
    """

    def __init__(self, literals: Sequence[bytes], little_bytes: int = LITTLE_BYTES):
        self._literals = literals
        self._left_bytes = little_bytes

    def places(self, text: bytes) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield the number of each literal in the text, and where it begins, however they lie.

        The text is below 4 GiB.
        """
        self._left_bytes -= len(text)
        is_little = self._left_bytes >= 0 or not self._literals or not text
        if is_little or (database := self._database) is None:
            return self._one_by_one(text)
        found: dict[int, array[int]] = {}

        def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if number not in found:
                found[number] = array("Q")  # of a text that is nothing but literals, too
            found[number].append(end - len(self._literals[number]))

        database.scan(text, match_event_handler=note)
        return iter(found.items())

    def _one_by_one(self, text: bytes) -> Iterator[tuple[int, Sequence[int]]]:
        for number, literal in enumerate(self._literals):
            starts = array("Q")
            start = text.find(literal)
            while start >= 0:
                starts.append(start)
                start = text.find(literal, start + 1)
            if starts:
                yield number, starts

    @cached_property
    def _database(self) -> hyperscan.Database | None:
        try:
            import hyperscan  # noqa: PLC0415 - little text does not wait for it
        except ImportError:  # there is no wheel for this machine
            return None
        database = hyperscan.Database()
        numbers = list(range(len(self._literals)))
        try:
            database.compile(list(self._literals), ids=numbers, flags=0, literal=True)
        except hyperscan.ArchitectureError:  # the processor is older than it can use
            return None
        return database
