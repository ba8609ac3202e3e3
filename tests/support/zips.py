"""Zips for tests, as Python's own zipfile writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

Rows = Iterable[tuple[str | zipfile.ZipInfo, bytes]]


def zipped(members: Mapping[str, bytes] | Rows, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these members, in order; rows may name one twice, or say its attributes."""
    rows: Rows = members.items() if isinstance(members, Mapping) else members
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in rows:
            archive.writestr(name, data)
    return file.getvalue()
