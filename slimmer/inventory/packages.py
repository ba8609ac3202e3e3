"""The packages of a distribution in a tree, as its own records list them: dpkg, apk, rpm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from slimmer.ecosystems.distribution.records import Placer, Records
from slimmer.formats import FormatError, rpm
from slimmer.inputs.base import Source
from slimmer.model.packages import Package
from slimmer.model.tree import Kind

_MAX_DATABASE_BYTES = 512 * 1024 * 1024


class Installed(NamedTuple):
    """A package that the records list, and what of it is there."""

    name: str
    version: str
    architecture: str
    files: int
    unzipped_bytes: int


class PackageDelta(NamedTuple):
    """A package that came, went, or has another version; empty where it is not there."""

    name: str
    old: str
    new: str


def packages_of(source: Source) -> tuple[Installed, ...]:
    """Return the packages of a tree, the largest first; none where two managers' records are there.

    Raises InputError for what cannot be read.
    """
    sizes = {entry.path: entry.size_bytes for entry in source.tree.entries}
    rows = [
        Installed(
            each.name,
            each.version,
            each.architecture,
            len(paths),
            sum(sizes[path] for path in paths),
        )
        for each, paths in placed_by(source).items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.unzipped_bytes, *row[:3])))


def placed_by(source: Source) -> dict[Package, tuple[str, ...]]:
    """Return the files and links in a tree that each package placed. Raises as ``packages_of``."""
    records = Records(source.tree, source.read)
    if records.is_doubtful:
        return {}
    if records.family:
        return {each: records.files.get(name, ()) for name, each in records.packages.items()}
    placer, by_path = Placer(source.tree), source.tree.by_path
    for place in rpm.PLACES:
        entry = by_path.get(place)
        if entry and entry.kind is Kind.FILE and entry.size_bytes <= _MAX_DATABASE_BYTES:
            with contextlib.suppress(FormatError):
                found = rpm.parse_database(source.read(place))
                places = ((each, map(placer.place, each.files)) for each in found)
                return {each: tuple(filter(None, paths)) for each, paths in places}
    return {}


def changed(old: Iterable[Installed], new: Iterable[Installed]) -> tuple[PackageDelta, ...]:
    """Return the packages that differ, by name."""
    here, there = _versions(old), _versions(new)
    names = sorted(here.keys() | there.keys())
    rows = (PackageDelta(name, here.get(name, ""), there.get(name, "")) for name in names)
    return tuple(row for row in rows if row.old != row.new)


def _versions(packages: Iterable[Installed]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for package in packages:
        found.setdefault(package.name, []).append(package.version or "unknown")
    return {name: " + ".join(sorted(set(versions))) for name, versions in found.items()}
