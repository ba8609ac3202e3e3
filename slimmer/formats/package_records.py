"""The records of dpkg, APT and apk, corrected to say what ships: no more, and no less."""

from __future__ import annotations

import re
from collections.abc import Container

from slimmer.formats import apk, dpkg

_STANZAS = (dpkg.STATUS, dpkg.EXTENDED_STATES)
_LISTS = re.compile(re.escape(dpkg.INFO_FOLDER) + r"/[^/]+\.(list|md5sums)")
_DIGEST_BYTES = len("d41d8cd98f00b204e9800998ecf8427e  ")


def is_record(path: str) -> bool:
    """Return whether a path is that of a record which is corrected."""
    return path in _STANZAS or path == apk.INSTALLED or _LISTS.fullmatch(path) is not None


def corrected(path: str, data: bytes, gone: Container[str], shipped: Container[str]) -> bytes:
    """Return a record without the packages that are gone, and without files that do not ship.

    ``shipped`` are paths, folders among them, relative to the root. What stays is byte for byte as
    it was. A path of a merged folder, such as ``/bin/sh``, ships as ``usr/bin/sh``.
    """
    if path in _STANZAS:
        return dpkg.without_stanzas(data, lambda name, _: name in gone)
    if path == apk.INSTALLED:
        return apk.without_files(
            apk.without_stanzas(data, lambda name: name in gone),
            lambda file: _is_there(file, shipped),
        )
    start = _DIGEST_BYTES if path.endswith(".md5sums") else 0
    lines = data.splitlines(keepends=True)
    return b"".join(line for line in lines if _is_there(_text(line[start:]), shipped))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").strip("\r\n").lstrip("/")


def _is_there(path: str, shipped: Container[str]) -> bool:
    return path in ("", ".") or path in shipped or f"usr/{path}" in shipped
