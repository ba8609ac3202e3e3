"""Which files former builds searched for secrets, and found nothing in: by path and digest."""

from __future__ import annotations

from slimmer.build.digests import Digests
from slimmer.cache.cache import Cache
from slimmer.cache.code import code_digest

_KIND = "clean"


class CleanFiles:
    """Finds and keeps that nothing was found in a file."""

    def __init__(self, cache: Cache, digests: Digests):
        self._cache = cache
        self._digests = digests

    def knows(self, path: str, at: str) -> bool:
        """Return whether nothing was found in a file; ``at`` is the path of its bytes."""
        return self._cache.get(_KIND, *self._name(path, at)) is not None

    def learn(self, path: str, at: str) -> None:
        """Keep that nothing was found in a file."""
        self._cache.put(b"", _KIND, *self._name(path, at))

    def _name(self, path: str, at: str) -> tuple[object, ...]:
        return (code_digest(), self._digests.of(at), path)
