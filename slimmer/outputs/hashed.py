"""What is written, hashed and counted on its way."""

from __future__ import annotations

import hashlib

from slimmer.formats.zip.writer import Sink


class HashedSink:
    """Hashes and counts what goes to another sink."""

    def __init__(self, sink: Sink):
        self._sink = sink
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        self._sink.write(data)
        self._digest.update(data)
        self.size_bytes += len(data)

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of what was written, in hexadecimal digits."""
        return self._digest.hexdigest()
