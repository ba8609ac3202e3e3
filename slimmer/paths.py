"""Paths of trees and zips as text: relative, with ``/`` between their parts."""

from __future__ import annotations

from collections.abc import Iterator


def join(folder: str, path: str) -> str:
    """Return a path in a folder; in none, as it is. With "" it is what all in there begins with."""
    return f"{folder}/{path}" if folder else path


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def folder_of(path: str) -> str:
    """Return the folder that a path lies in, "" for what lies at the top."""
    return path.rpartition("/")[0]


def parents(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, innermost first; the top is none of them."""
    while path := path.rpartition("/")[0]:
        yield path
