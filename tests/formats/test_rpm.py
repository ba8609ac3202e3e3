"""The database of rpm: a header for each package, in a file of SQLite."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats import FormatError
from slimmer.formats.rpm import parse_database

Value = str | list[str] | list[int]


def header(values: dict[int, Value]) -> bytes:
    """Return a header as rpm keeps it, with these tags."""
    index, data = b"", b""
    for tag, value in sorted(values.items()):
        if isinstance(value, str):
            kind, count, text = 6, 1, value.encode() + b"\0"
        elif value and isinstance(value[0], int):
            data += b"\0" * (-len(data) % 4)
            kind, count, text = 4, len(value), struct.pack(f">{len(value)}I", *value)
        else:
            kind, count = 8, len(value)
            text = b"".join(str(each).encode() + b"\0" for each in value)
        index += struct.pack(">IIII", tag, kind, len(data), count)
        data += text
    return struct.pack(">II", len(values), len(data)) + index + data


def database(blobs: list[bytes], table: str = "Packages") -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute(f"CREATE TABLE {table} (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB)")
        made.executemany(f"INSERT INTO {table} (blob) VALUES (?)", [(b,) for b in blobs])  # noqa: S608
        made.commit()
        return made.serialize()


BASH: dict[int, Value] = {
    1000: "bash",
    1001: "5.2.15",
    1002: "1.amzn2023.0.2",
    1022: "x86_64",
    1116: [0, 1, 1],
    1117: ["bash", "LICENSE", "../up"],
    1118: ["/usr/bin/", "/usr/share/licenses/bash/"],
}


def test_packages_are_read_with_versions_and_files() -> None:
    other: dict[int, Value] = {1000: "zlib", 1001: "1", 1002: "2", 1003: [3], 1022: "noarch"}
    one, two = parse_database(database([header(other), header(BASH)]))
    assert (one.name, one.version, one.architecture) == ("bash", "5.2.15-1.amzn2023.0.2", "x86_64")
    assert one.files == ("usr/bin/bash", "usr/share/licenses/bash/LICENSE")
    assert (two.name, two.version, two.files) == ("zlib", "3:1-2", ())


@pytest.mark.parametrize(
    "data", [b"", b"SQLite format 3\0" + bytes(100), database([], "Others"), bytes(5000)]
)
def test_what_is_no_database_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        parse_database(data)


def test_a_view_that_never_ends_is_no_table(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x")) as made:
        made.execute(
            "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT x'00' UNION ALL SELECT blob"
            " FROM n) SELECT blob FROM n"
        )
    with pytest.raises(FormatError):
        parse_database((tmp_path / "x").read_bytes())


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda end: header(BASH)[:-20] + end))
def test_any_header_is_read_or_overlooked(blob: bytes) -> None:
    for package in parse_database(database([blob])):
        assert not any(".." in path.split("/") or path[:1] == "/" for path in package.files)


@given(st.data())
def test_a_database_that_was_changed_is_read_or_refused(draw: st.DataObject) -> None:
    data = bytearray(database([header(BASH)]))
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with suppress(FormatError):
        parse_database(bytes(data))
