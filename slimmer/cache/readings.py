"""What former builds found in files, by path and digest: a file that nobody changed is not read.

What is found in all files of one kind is one table, which is read and written as one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from slimmer.cache.cache import NO_CACHE, Cache
from slimmer.cache.code import code_digest

#: What JSON has: it comes back as it went in, but for tuples, which are lists then.
Value: TypeAlias = Any


class Table:
    """What was found in the files of one kind. A value is never None."""

    def __init__(
        self, cache: Cache, digest_of: Callable[[str], str], kind: str, parts: Sequence[object]
    ):
        self._cache = cache
        self._digest_of = digest_of
        self._kind, self._parts = kind, parts
        self._before: dict[str, Any] | None = None
        self._now: dict[str, Any] = {}

    def get(self, path: str, at: str = "") -> Value | None:
        """Return what was found in a file; ``at`` is the path of its bytes. Raises InputError."""
        if not self._cache.is_on:
            return None
        if self._before is None:
            self._before = json.loads(self._cache.get(self._kind, *self._parts) or b"{}")
        row = self._before.get(path)
        if row is None or row[0] != self._digest_of(at or path):
            return None
        self._now[path] = row
        return row[1]

    def learn(self, path: str, data: bytes, value: Value) -> None:
        """Keep what was found in a file that has these bytes."""
        if self._cache.is_on:
            self.put(path, hashlib.sha256(data).hexdigest(), value)

    def put(self, path: str, digest: str, value: Value) -> None:
        """Keep what was found in the bytes of a file; ``digest`` is their SHA-256 in hex."""
        if self._cache.is_on:
            self._now[path] = [digest, value]

    def close(self) -> None:
        """Have the cache keep what was found."""
        if self._now and self._now != self._before:
            rows = json.dumps(self._now, separators=(",", ":")).encode()
            self._cache.put(rows, self._kind, *self._parts)


class Readings:
    """The tables of one tree. ``digest_of`` gives a file's SHA-256 in hex, or raises InputError."""

    def __init__(self, cache: Cache, digest_of: Callable[[str], str]):
        self._cache = cache
        self._digest_of = digest_of
        self._tables: dict[tuple[object, ...], Table] = {}

    @property
    def is_on(self) -> bool:
        """Whether anything can be found or kept."""
        return self._cache.is_on

    def table(self, kind: str, *parts: object) -> Table:
        """Return the table of a kind; ``parts`` are plain values that decide beside the bytes."""
        name = (kind, *parts)
        if name not in self._tables:
            known = (code_digest(), *self._cache.scope, *parts) if self.is_on else parts
            self._tables[name] = Table(self._cache, self._digest_of, kind, known)
        return self._tables[name]

    def close(self) -> None:
        """Have the cache keep all tables."""
        for table in self._tables.values():
            table.close()


def _unknown(path: str) -> str:
    return path


NO_READINGS = Readings(NO_CACHE, _unknown)
