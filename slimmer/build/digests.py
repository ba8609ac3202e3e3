"""The digests of a source's files, which are not read again while nothing changed them.

The cache of this machine keeps the digest of each file of a folder beside what the system changes
with its bytes: device, inode, size, and the two times. Nobody can set the time of the last change
of an inode, and a file that was changed within the last seconds is always read.
"""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

from slimmer.cache.cache import Cache
from slimmer.inputs.base import Source
from slimmer.inputs.folder import Folder

_KIND = "digests"
_PIECE_BYTES = 8 * 1024 * 1024


class Digests:
    """Knows the SHA-256 of each file of a source, in hex. Any thread may ask."""

    def __init__(self, source: Source, cache: Cache):
        self._source = source
        self._cache = cache
        self._folder = source if isinstance(source, Folder) and cache.is_near else None
        self._before: dict[str, Any] | None = None
        self._now: dict[str, list[Any]] = {}
        self._known: dict[str, str] = {}
        self._lock = threading.Lock()

    def of(self, path: str) -> str:
        """Return the digest of a file. Raises InputError."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._told(path) or self._read(path)
        return known

    def close(self) -> None:
        """Have the cache keep what was found."""
        if self._now and self._now != self._before and self._folder is not None:
            self._cache.put(json.dumps(self._now).encode(), _KIND, str(self._folder.root.resolve()))

    def _told(self, path: str) -> str | None:
        """Return what a former build read, of a file that nothing changed since."""
        if self._folder is None:
            return None
        with self._lock:
            if self._before is None:
                root = str(self._folder.root.resolve())
                self._before = json.loads(self._cache.get(_KIND, root) or b"{}")
        row = self._before.get(path)
        if row is None:
            return None
        identity = self._folder.identity(path)
        if identity is None or list(identity) != row[0]:
            return None
        self._now[path] = row
        return str(row[1])

    def _read(self, path: str) -> str:
        if self._folder is None:
            return hashlib.sha256(self._source.read(path)).hexdigest()
        identity = self._folder.identity(path)
        digest = hashlib.sha256()
        at = 0
        while piece := self._folder.read_part(path, at, _PIECE_BYTES):
            digest.update(piece)
            at += len(piece)
        found = digest.hexdigest()
        if identity is not None:
            self._now[path] = [list(identity), found]
        return found
