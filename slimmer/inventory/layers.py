"""What each layer of an image brought, and what of it is gone again."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from slimmer.inputs.base import Source

_GONE_ROWS = 100  # files of a layer that are named


class GoneFile(NamedTuple):
    """A file of a layer that a later one deletes or writes over; layers count from 1."""

    path: str
    unzipped_bytes: int
    by_layer: int


class LayerRow(NamedTuple):
    """A layer: what made it, what it holds, and whose files of it are in the tree."""

    diff_id: str
    made_by: str
    stored_bytes: int
    files: int
    unzipped_bytes: int
    wasted_bytes: int
    #: The owners of what is left of it, the largest first, each with its bytes.
    brought: tuple[tuple[str, int], ...]
    #: The largest files of it that are gone.
    gone: tuple[GoneFile, ...]


class LayerSums(NamedTuple):
    """The layers of an image together."""

    layers: int
    stored_bytes: int
    unzipped_bytes: int
    wasted_bytes: int


def layer_sums(source: Source) -> LayerSums | None:
    """Return the sums of an image's layers; None of another source."""
    rows = layer_rows(source, lambda _: "")
    sums = [sum(numbers) for numbers in zip(*(row[2:6] for row in rows), strict=True)]
    return LayerSums(len(rows), sums[0], sums[2], sums[3]) if rows else None


def layer_rows(source: Source, owner: Callable[[str], str]) -> tuple[LayerRow, ...]:
    """Return the layers of an image, the lowest first; none of another source.

    ``owner`` names whose a path of the tree is.
    """
    from slimmer.inputs.image import ImageTree  # noqa: PLC0415 - where there is one
    from slimmer.inputs.image_layers import layers_of  # noqa: PLC0415

    if not isinstance(source, ImageTree):
        return ()
    brought: dict[int, dict[str, int]] = {}
    for entry in source.tree.entries:
        if entry.size_bytes:
            sums = brought.setdefault(source.attributes(entry.path).number[0], {})
            name = owner(entry.path)
            sums[name] = sums.get(name, 0) + entry.size_bytes
    return tuple(
        LayerRow(
            layer.diff_id,
            layer.made_by,
            layer.stored_bytes,
            layer.files,
            layer.unpacked_bytes,
            layer.wasted_bytes,
            tuple(sorted(brought.get(at, {}).items(), key=lambda row: (-row[1], row[0]))),
            tuple(
                GoneFile(each.path, each.size_bytes, each.by + 1)
                for each in sorted(layer.lost, key=lambda e: (-e.size_bytes, e.path))[:_GONE_ROWS]
            ),
        )
        for at, layer in enumerate(layers_of(source))
    )
