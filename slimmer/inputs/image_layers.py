"""What each layer of an image brought, and what of it a later one took away again.

What is gone from the tree is still in its layer, is pushed and pulled with it, and can be read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple

from slimmer.formats.oci import OPAQUE, WHITEOUT
from slimmer.formats.tar import FILE, TarMember, tar_members
from slimmer.inputs.extent import Extent
from slimmer.inputs.image import ImageTree
from slimmer.paths import folder_of, join, name_of, parents


class Lost(NamedTuple):
    """A file of a layer that is not in the tree."""

    path: str
    size_bytes: int
    #: The layer that brought it, and the one that took it away or wrote over it.
    layer: int
    by: int
    data: Extent


class Layer(NamedTuple):
    """What a layer brought."""

    diff_id: str
    #: The line of the Dockerfile, as far as the image tells it.
    made_by: str
    #: As the image holds it: packed, or not.
    stored_bytes: int
    files: int
    unpacked_bytes: int
    lost: tuple[Lost, ...]

    @property
    def wasted_bytes(self) -> int:
        """What later layers took away of it."""
        return sum(each.size_bytes for each in self.lost)


class _Said(NamedTuple):
    """The names in a layer: what it has, what it takes away, and the folders that it empties."""

    there: frozenset[str]
    gone: frozenset[str]
    emptied: frozenset[str]

    def takes(self, path: str) -> bool:
        above = (path, *parents(path))
        return bool(
            path in self.there
            or not self.gone.isdisjoint(above)
            or not self.emptied.isdisjoint(above[1:])
        )


def layers_of(source: ImageTree) -> tuple[Layer, ...]:
    """Return the layers of an image, the lowest first."""
    there = {source.attributes(entry.path).number for entry in source.tree.entries}
    members = [list(tar_members(each.tar.read, each.tar.size_bytes)) for each in source.layers]
    said = [_said(each) for each in members]
    made_by = _made_by(source.config.document)
    found = []
    for at, layer in enumerate(source.layers):
        files = [member for member in members[at] if member.kind == FILE and not _is_mark(member)]
        lost = tuple(
            Lost(
                path := _path(member),
                member.size_bytes,
                at,
                next((n for n in range(at + 1, len(said)) if said[n].takes(path)), at),
                layer.tar.within(member.start, member.size_bytes),
            )
            for member in files
            if (at, member.start) not in there
        )
        total = sum(member.size_bytes for member in files)
        line = next(made_by, "")
        found.append(Layer(layer.diff_id, line, layer.blob.size_bytes, len(files), total, lost))
    return tuple(found)


def _said(members: list[TarMember]) -> _Said:
    paths = [_path(member) for member in members]
    marks = [path for path in paths if name_of(path).startswith(WHITEOUT)]
    gone = (join(folder_of(p), name_of(p).removeprefix(WHITEOUT)) for p in marks)
    emptied = (folder_of(path) for path in marks if name_of(path) == OPAQUE)
    return _Said(frozenset(paths), frozenset(gone), frozenset(emptied))


def _is_mark(member: TarMember) -> bool:
    return name_of(_path(member)).startswith(WHITEOUT)


def _path(member: TarMember) -> str:
    return posixpath.normpath("/" + member.name).strip("/")


def _made_by(document: Any) -> Iterator[str]:
    """Yield what made each layer, as the rows of the history that made one say."""
    rows = document.get("history")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and not row.get("empty_layer"):
            line = row.get("created_by")
            yield line if isinstance(line, str) else ""
