"""The layers of an image, applied in order (OCI image format 1.1, layer.md).

A name ``.wh.x`` in a layer says that ``x`` of the layers below is gone, and ``.wh..wh..opq`` that
all which they have in that folder is. A path leads over the links that lie in its way, none of
which leads out of the image's root.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from slimmer.formats import FormatError
from slimmer.formats.oci import OPAQUE, WHITEOUT
from slimmer.formats.tar import FOLDER, HARD_LINK, TarMember
from slimmer.formats.zip.names import MAX_NAME_BYTES, MAX_PART_BYTES
from slimmer.inputs.extent import Extent
from slimmer.inputs.tar_tree import Placed, place
from slimmer.model.tree import Entry, Kind
from slimmer.model.tree_links import MAX_HOPS
from slimmer.text import printable

_OF_AUFS = ".wh..wh."  # its other files, which say nothing of the tree


@dataclass
class _Node:
    """What lies at a path, and in it, if it is a folder."""

    placed: Placed
    #: The layer that it came with, or that speaks of it last.
    layer: int
    inside: dict[str, _Node] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return self.placed.entry.kind is Kind.DIRECTORY


class Layers:
    """The tree that layers make, one over the other."""

    def __init__(self, max_bytes: int) -> None:
        self._left_bytes = max_bytes
        self._layer = -1
        self._root = _Node(Placed(Entry("", Kind.DIRECTORY), 0, None), 0)

    def apply(self, members: Iterable[TarMember], data: Extent) -> None:
        """Put a layer over those before; ``data`` is its tar.

        Raises FormatError for names that lead out, for hard links and whiteouts that name
        nothing that could be there, and where all layers hold more than the bound.
        """
        self._layer += 1
        for member in members:
            parts = _parts(member.name)
            if not parts:
                if member.kind != FOLDER:
                    raise FormatError("a member that is no folder has the name of the root")
                continue
            self._left_bytes -= member.size_bytes
            if self._left_bytes < 0:
                raise FormatError("its layers hold more than Lambda takes of an image")
            name, folder = parts[-1], self._folder(parts[:-1])
            if name.startswith(WHITEOUT):
                self._white_out(folder, name)
            else:
                self._put(folder, name, self._placed(member, data))

    def placed(self) -> dict[str, Placed]:
        """Return what the layers place, by path. A link leads on from where it lies."""
        found: dict[str, Placed] = {}
        waiting = [("", self._root)]
        while waiting:
            above, folder = waiting.pop()
            for name, node in folder.inside.items():
                path = above + name
                entry = node.placed.entry
                if entry.kind is Kind.LINK:
                    entry = entry._replace(target=inside_root(path, entry.target))
                found[path] = node.placed._replace(entry=entry._replace(path=path))
                if node.is_folder:
                    waiting.append((path + "/", node))
        return found

    def _placed(self, member: TarMember, data: Extent) -> Placed:
        if member.kind != HARD_LINK:
            return place(member, member.name, data, self._layer)
        parts = _parts(member.target)
        node = self._folder(parts[:-1]).inside.get(parts[-1]) if parts else None
        if node is None or node.is_folder:
            name = printable(member.name)
            raise FormatError(f"{name} is a hard link to what is not there")
        return node.placed

    def _put(self, folder: _Node, name: str, placed: Placed) -> None:
        old = folder.inside.get(name)
        is_folder = placed.entry.kind is Kind.DIRECTORY
        inside = old.inside if old is not None and is_folder and old.is_folder else {}
        folder.inside[name] = _Node(placed, self._layer, inside)

    def _white_out(self, folder: _Node, name: str) -> None:
        """Take away what lower layers have; nothing is there where a base was cut off below."""
        if name == OPAQUE:
            self._keep_own(folder)
        elif not name.startswith(_OF_AUFS):
            gone = name.removeprefix(WHITEOUT)
            if gone in ("", ".", ".."):
                raise FormatError("a whiteout names nothing")
            node = folder.inside.get(gone)
            if node is not None:
                self._keep_own(node)
                if node.layer < self._layer and not node.inside:
                    del folder.inside[gone]

    def _keep_own(self, folder: _Node) -> None:
        """Take away all in a folder that is not of this layer."""
        order = [folder]
        for node in order:  # which grows: folders before what is in them
            order += [each for each in node.inside.values() if each.is_folder]
        for node in reversed(order):
            node.inside = {
                name: each
                for name, each in node.inside.items()
                if each.layer == self._layer or each.inside
            }

    def _folder(self, parts: list[str]) -> _Node:
        """Return a folder, over links, made where it is not there."""
        trail, ahead, hops = [self._root], list(reversed(parts)), 0
        while ahead:
            part = ahead.pop()
            if part == "..":
                trail = trail[:-1] or [self._root]
                continue
            node = trail[-1].inside.get(part)
            if node is None:
                folder = Placed(Entry(part, Kind.DIRECTORY), 0, None)
                node = trail[-1].inside[part] = _Node(folder, self._layer)
            if node.placed.entry.kind is Kind.LINK:
                hops += 1
                if hops > MAX_HOPS:
                    raise FormatError(f"{printable(part)} is a link that goes in a circle")
                target = node.placed.entry.target
                trail = [self._root] if target.startswith("/") else trail
                ahead += [p for p in reversed(target.split("/")) if p not in ("", ".")]
            elif not node.is_folder:
                raise FormatError(f"a member lies below {printable(part)}, which is no folder")
            else:
                trail.append(node)
        return trail[-1]


def inside_root(path: str, target: str) -> str:
    """Return what a link of an image says, so that it says the same wherever the root lies.

    An absolute target means the image's root, above which there is nothing.
    """
    depth = path.count("/")
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((n for n, part in enumerate(parts) if part != ".."), len(parts))
    if target.startswith("/"):
        return "../" * depth + ("/".join(parts[ups:]) or ".")
    return target if ups <= depth else "/".join(parts[ups - depth :]) or "."


def _parts(name: str) -> list[str]:
    """Return the parts of a member's name. Raises FormatError for one that leads out."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    is_long = any(len(part.encode("utf-8", "surrogateescape")) > MAX_PART_BYTES for part in parts)
    if ".." in parts or "\0" in name or is_long or len(name) > MAX_NAME_BYTES:
        raise FormatError(f"{printable(name[:80])} leads outside, or is no name of a file")
    return parts
