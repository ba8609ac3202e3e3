"""Sources that are what their installer wrote, and bytecode that it compiled of them.

RECORD lists the digest and size of each source, and the bytecode that pip made while it installed
("Recording installed projects"). Where a source still has that digest, and the bytecode is listed
beside it and states the source's size, the two belong together, whatever became of the times.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.formats.python.record import rows_of

_DIGEST = "sha256="
_MAX_RECORD_BYTES = 16 << 20


class AsInstalled:
    """What the lists of a tree's distributions say; they are read when somebody asks."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def compiled_of(self, bytecode: str, source: str) -> bool:
        """Return whether an installer compiled the bytecode of the source as it is now.

        Raises what reading raises.
        """
        digest = self._rows.get(source, "")
        if bytecode not in self._rows or not digest.startswith(_DIGEST):
            return False
        found = hashlib.sha256(self._context.read(source)).digest()
        return digest[len(_DIGEST) :] == base64.urlsafe_b64encode(found).decode().rstrip("=")

    @cached_property
    def _rows(self) -> dict[str, str]:
        """The digest that a list has of each path; empty for one of which it has none."""
        rows: dict[str, str] = {}
        for entry in self._context.tree.ending_in(".dist-info/RECORD"):
            if entry.size_bytes > _MAX_RECORD_BYTES:
                continue
            folder = posixpath.dirname(posixpath.dirname(entry.path))
            text = self._context.read(entry.path).decode("utf-8", "replace")
            for row in rows_of(text):
                path = posixpath.normpath(posixpath.join(folder, row[0]))
                digest = row[1] if len(row) > 1 else ""
                is_twice = path in rows and rows[path] != digest
                rows[path] = "" if is_twice else digest
        return rows
