"""The database of rpm in its form since rpm 4.16: one file of SQLite, a header for each package.

Sources: rpm's "Package format" and "Tags" (docs/manual); ``lib/backend/sqlite.c`` for the table.
Older forms, of Berkeley DB and rpm's own ndb, are not read.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from slimmer.formats import FormatError
from slimmer.model.packages import Package

PLACES: Final = ("var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite")
_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH = 1000, 1001, 1002, 1003, 1022
_DIR_NUMBERS, _BASE_NAMES, _DIR_NAMES = 1116, 1117, 1118
_TAGS = frozenset((_NAME, _VERSION, _RELEASE, _EPOCH, _ARCH, _DIR_NUMBERS, _BASE_NAMES, _DIR_NAMES))
_INT32, _STRING, _STRINGS, _I18N = 4, 6, 8, 9
_HEADER, _ENTRY = struct.Struct(">II"), struct.Struct(">IIII")
_MAGIC = b"SQLite format 3\0"
_MAX_ENTRIES = 10_000
_MAX_PACKAGES = 50_000
_STEPS, _MOST_STEPS = 10_000, 100_000  # of SQLite's machine, so that no file runs for ever

Values = dict[int, Any]


def parse_database(data: bytes) -> tuple[Package, ...]:
    """Return the packages of a database, sorted by name. Raises FormatError for what is none."""
    packages = (_package(_values(blob)) for blob in _blobs(data))
    return tuple(sorted(package for package in packages if package.name))


def _blobs(data: bytes) -> Iterator[bytes]:
    if not data.startswith(_MAGIC):
        raise FormatError("it is no database of SQLite")
    left = _MOST_STEPS

    def count() -> int:
        nonlocal left
        left -= 1
        return left < 0

    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(data)
            database.execute("PRAGMA trusted_schema = OFF")
            database.set_progress_handler(count, _STEPS)
            kinds = "SELECT type FROM sqlite_master WHERE name = 'Packages'"
            if database.execute(kinds).fetchall() != [("table",)]:
                raise FormatError("it has no table of packages")
            rows = database.execute("SELECT blob FROM Packages").fetchmany(_MAX_PACKAGES)
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeDecodeError):  # of its message
        raise FormatError("it is no database of SQLite") from None
    yield from (blob for (blob,) in rows if isinstance(blob, bytes))


def _values(blob: bytes) -> Values:
    """Return the values of a header that are of use, by their tags; nothing of a broken one."""
    if len(blob) < _HEADER.size:
        return {}
    count, size_bytes = _HEADER.unpack_from(blob)
    start = _HEADER.size + count * _ENTRY.size
    if count > _MAX_ENTRIES or start + size_bytes > len(blob):
        return {}
    data = blob[start : start + size_bytes]
    found: Values = {}
    for at in range(count):
        tag, kind, offset, number = _ENTRY.unpack_from(blob, _HEADER.size + at * _ENTRY.size)
        if tag in found or tag not in _TAGS:
            continue
        if kind in (_STRING, _I18N):
            found[tag] = _text(data[offset:].split(b"\0", 1)[0])
        elif kind == _STRINGS:
            found[tag] = [_text(each) for each in data[offset:].split(b"\0", number)[:number]]
        elif kind == _INT32 and offset + 4 * number <= len(data):
            found[tag] = list(struct.unpack_from(f">{number}I", data, offset))
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _package(values: Values) -> Package:
    version, release = _one(values, _VERSION), _one(values, _RELEASE)
    epoch = values.get(_EPOCH)
    before = f"{epoch[0]}:" if isinstance(epoch, list) and epoch and epoch[0] else ""
    return Package(
        name=_one(values, _NAME),
        version=before + (f"{version}-{release}" if release else version),
        architecture=_one(values, _ARCH),
        files=tuple(_files(values)),
    )


def _one(values: Values, tag: int) -> str:
    value = values.get(tag, "")
    return value if isinstance(value, str) else ""


def _files(values: Values) -> Iterator[str]:
    names, folders = values.get(_BASE_NAMES), values.get(_DIR_NAMES)
    numbers = values.get(_DIR_NUMBERS)
    if isinstance(names, list) and isinstance(folders, list) and isinstance(numbers, list):
        for name, number in zip(names, numbers, strict=False):
            if number < len(folders) and isinstance(name, str):
                path = f"{folders[number]}{name}".strip("/")
                if ".." not in path.split("/"):
                    yield path
