"""Zips for tests, as Python's own zipfile writes them."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Rows = Iterable[tuple[str | zipfile.ZipInfo, bytes | str]]
Content = bytes | str | tuple[bytes | str, int]


def zipped(members: Mapping[str, bytes] | Rows, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these members, in order; rows may name one twice, or say its attributes."""
    rows: Rows = members.items() if isinstance(members, Mapping) else members
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of duplicate names, which are wanted here
        for name, data in rows:
            archive.writestr(name, data)
    return file.getvalue()


def pack(
    path: Path, members: Mapping[str, bytes] | Rows, method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """Write a zip of these members, and return where it is."""
    path.write_bytes(zipped(members, method))
    return path


def zip_of(path: Path, members: Mapping[str, Content] | Sequence[tuple[str, Content]]) -> Path:
    """Write a zip of programs, as Unix would have it; content with a mode is what the mode says."""
    pairs = members.items() if isinstance(members, Mapping) else members
    return pack(path, [_with_mode(name, content) for name, content in pairs])


def link(target: str) -> Content:
    """Return what makes a member a link."""
    return target, stat.S_IFLNK | 0o777


def with_fields(data: bytes, **fields: int) -> bytes:
    """Return a zip whose members all say this in both of their headers: crc32 or size_bytes."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = data.find(mark)
        while place >= 0:
            for field, value in fields.items():
                start = place + at + {"crc32": 0, "size_bytes": 8}[field]
                changed[start : start + 4] = value.to_bytes(4, "little")
            place = data.find(mark, place + 4)
    return bytes(changed)


def _with_mode(name: str, content: Content) -> tuple[zipfile.ZipInfo, bytes | str]:
    data, mode = content if isinstance(content, tuple) else (content, stat.S_IFREG | 0o755)
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system, info.external_attr = 3, mode << 16
    return info, data
