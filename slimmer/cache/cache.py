"""The cache as a build sees it: it finds, it keeps, and it never stands in the way.

Whatever goes wrong with the place of the entries turns the cache off, and is told once. Small
entries of one artifact lie in a bundle, which is read and written as one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from slimmer.cache.entries import bundled, name_of, opened, sealed, unbundled
from slimmer.errors import reason_of

_SMALL_BYTES = 32 * 1024
_MAX_BUNDLE_BYTES = 48 * 1024 * 1024  # of small entries that are held in memory


class Place(Protocol):
    """Where entries lie. Every trouble is an OSError."""

    @property
    def title(self) -> str:
        """The place as messages name it."""

    @property
    def is_near(self) -> bool:
        """Whether it is of this machine, and costs little to be asked in vain."""

    def get(self, name: str) -> bytes | None:
        """Return the bytes of an entry, None where there is none."""

    def put(self, name: str, data: bytes) -> None:
        """Keep the bytes of an entry; they appear whole or not at all."""

    def settle(self, added_bytes: int) -> None:
        """Hold the place to its bound, after so much was added."""


class Cache:
    """Results of former builds; any thread may ask. Without a place nothing is found or kept."""

    def __init__(self, place: Place | None = None, scope: Sequence[str] = (), trouble: str = ""):
        """Take the place, and what tells the bundle of one artifact from those of others."""
        self._place = place
        #: What tells the artifact from others.
        self.scope = tuple(scope)
        self._bundle_name = name_of("bundle", *scope)
        self._small: dict[str, bytes] | None = None
        self._beside: set[str] = set()
        self._used: dict[str, bytes] = {}
        self._used_beside: set[str] = set()
        self._left_bytes = _MAX_BUNDLE_BYTES
        self._added_bytes = 0
        self._is_changed = False
        self._may_write = True
        self._lock = threading.Lock()
        #: Why the cache is not used, or not added to; empty where it is.
        self.trouble = trouble
        self.hits = self.misses = 0

    @property
    def is_on(self) -> bool:
        """Whether anything can be found or kept."""
        return self._place is not None

    @property
    def is_near(self) -> bool:
        """Whether the cache is of this machine alone."""
        return self._place is not None and self._place.is_near

    def get(self, kind: str, *parts: object) -> bytes | None:
        """Return what was kept under a kind and all that decides, or None."""
        if self._place is None:
            return None
        name = name_of(kind, *parts)
        with self._lock:
            small = self._bundle()
        payload = small.get(name)
        if payload is None and (self.is_near or name in self._beside):
            payload = self._ask(name)
        if payload is None:
            self.misses += 1
            return None
        self.hits += 1
        self._use(name, payload)
        return payload

    def put(self, payload: bytes, kind: str, *parts: object) -> None:
        """Keep a payload under a kind and all that decides."""
        if self._place is None or not self._may_write:
            return
        name = name_of(kind, *parts)
        self._is_changed = True
        if not self._use(name, payload):
            self._keep(name, payload)

    def close(self) -> None:
        """Write the bundle where it changed, and hold the place to its bound."""
        if self._place is None or not self._may_write or not self._is_changed:
            return
        self._keep(self._bundle_name, bundled(self._used, self._used_beside))
        try:
            self._place.settle(self._added_bytes)
        except OSError as error:
            self._fail(error)

    def _bundle(self) -> dict[str, bytes]:
        if self._small is None:
            payload = self._ask(self._bundle_name)
            self._small, self._beside = unbundled(payload) if payload else ({}, set())
        return self._small

    def _use(self, name: str, payload: bytes) -> bool:
        """Have an entry in the next bundle; return whether it is small enough to be whole there."""
        with self._lock:
            is_small = len(payload) <= min(_SMALL_BYTES, self._left_bytes)
            if is_small and name not in self._used:
                self._used[name] = payload
                self._left_bytes -= len(payload)
            elif not is_small:
                self._used_beside.add(name)
        return is_small

    def _ask(self, name: str) -> bytes | None:
        if self._place is None:
            return None
        try:
            data = self._place.get(name)
        except OSError as error:
            self._fail(error)
            self._place = None
            return None
        return opened(name, data) if data is not None else None

    def _keep(self, name: str, payload: bytes) -> None:
        if self._place is None or not self._may_write:
            return
        try:
            self._place.put(name, sealed(name, payload))
        except OSError as error:
            self._fail(error)
        else:
            self._added_bytes += len(payload)

    def _fail(self, error: OSError) -> None:
        self._may_write = False
        if not self.trouble and self._place is not None:
            self.trouble = f"{self._place.title}: {reason_of(error)}"


NO_CACHE = Cache()
