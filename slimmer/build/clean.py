"""Which files former builds searched for secrets, and found nothing in: by path and digest."""

from __future__ import annotations

from slimmer.build.digests import Digests
from slimmer.cache.readings import Readings

_KIND = "clean"


class CleanFiles:
    """Finds and keeps that nothing was found in a file."""

    def __init__(self, readings: Readings, digests: Digests):
        self._table = readings.table(_KIND)
        self._digests = digests

    def knows(self, path: str, at: str) -> bool:
        """Return whether nothing was found in a file; ``at`` is the path of its bytes."""
        return self._table.get(path, at) is not None

    def learn(self, path: str, at: str) -> None:
        """Keep that nothing was found in a file."""
        self._table.put(path, self._digests.of(at), 1)
