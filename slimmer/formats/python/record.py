"""RECORD, what pip wrote of an installed distribution: which files it has.

A row is a path, a digest and a size; the last two may be empty, and programs ask for the paths
alone, by ``importlib.metadata``'s ``files()`` and ``packages_distributions()``. Source: PyPA
specification "Recording installed projects".
"""

from __future__ import annotations

import csv
import io
import posixpath
from collections.abc import Container, Iterator

from slimmer.formats import FormatError, Refused


def paths_of(record: bytes) -> list[str]:
    """Return the paths of a RECORD as they are written, in its order.

    They are relative to the folder that the dist-info folder lies in, or absolute. Raises
    FormatError for what ``importlib.metadata`` could not read either.
    """
    try:
        rows = list(csv.reader(record.decode("utf-8").splitlines(), strict=True))
    except UnicodeDecodeError:
        raise FormatError("it is not UTF-8") from None
    except csv.Error as error:
        raise FormatError(f"it is no CSV: {error}") from None
    for number, row in enumerate(rows, 1):
        if not row or not row[0] or len(row) > 3:
            raise FormatError(f"row {number} is not a path, a digest and a size")
    return [row[0] for row in rows]


def rows_of(record: str) -> Iterator[list[str]]:
    """Yield the rows of a RECORD that are not empty, up to the first line that is broken."""
    try:
        yield from filter(None, csv.reader(record.splitlines()))
    except csv.Error:
        return


def shortened(record: bytes, path: str, shipped: Container[str]) -> bytes:
    """Return the RECORD at ``path`` with the paths of what ships, without digests and sizes.

    ``shipped`` are the paths of the tree that ship. Raises FormatError for what is no RECORD,
    and Refused for names that would not be read back as they are.
    """
    folder = posixpath.dirname(posixpath.dirname(path))
    kept = [
        each
        for each in paths_of(record)
        if posixpath.normpath(posixpath.join(folder, each)) in shipped
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows((each, "", "") for each in kept)
    short = text.getvalue().encode("utf-8")
    if paths_of(short) != kept:
        raise Refused("a name in it would not be read back")
    return short
