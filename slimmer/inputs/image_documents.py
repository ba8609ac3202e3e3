"""What the documents of an image say, also of one that Lambda refuses or slim cannot read."""

from __future__ import annotations

from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.oci import (
    MAX_DOCUMENT_BYTES,
    Descriptor,
    Parts,
    blob_path,
    images_of,
    parse_index,
    parse_parts,
)
from slimmer.formats.streams import GZIP, ZSTD
from slimmer.inputs.extent import Extent
from slimmer.inputs.image import MAX_INDEXES, Find


class ImageDocuments(NamedTuple):
    """The documents of an OCI layout. A tar of ``docker save`` of old has none of them."""

    #: Whether ``docker save`` wrote it, whose layers are compressed when they are pushed.
    is_saved: bool = False
    #: What the outermost index that names more than one thing lists; else what index.json does.
    listed: tuple[Descriptor, ...] = ()
    #: Whether index.json names an index, and not the image.
    is_nested: bool = False
    #: Of the only image, or the first one for the processor.
    parts: Parts | None = None
    #: How each of its layers is packed: gzip, zstd or empty, and None where it is not there.
    packings: tuple[str | None, ...] = ()


def documents_of(find: Find, architecture: str) -> ImageDocuments:
    """Return what an image's documents say; of several what is for a processor, as Go calls it.

    ``find`` finds its files. What cannot be understood says nothing. Raises InputError where they
    cannot be read.
    """
    listed = _index(find, "index.json")
    if listed is None:
        return ImageDocuments(is_saved=True)
    outermost, nested = listed, False
    for _ in range(MAX_INDEXES):
        images = images_of(listed)
        fitting = [e for e in images if e.architecture in ("", architecture)] or images
        if not fitting or not fitting[0].is_index:
            break
        nested = True
        inner = _index(find, blob_path(fitting[0].digest)) or ()
        outermost = outermost if len(outermost) > 1 else inner
        listed = inner
    parts = _parts(find, fitting[0]) if fitting else None
    layers = parts.layers if parts else ()
    packings = tuple(_packing(find(blob_path(each.digest))) for each in layers)
    return ImageDocuments(find("manifest.json") is not None, outermost, nested, parts, packings)


def _index(find: Find, name: str) -> tuple[Descriptor, ...] | None:
    data = find(name)
    try:
        return parse_index(data.read(0, MAX_DOCUMENT_BYTES + 1)) if data else None
    except FormatError:
        return ()


def _parts(find: Find, image: Descriptor) -> Parts | None:
    data = find(blob_path(image.digest))
    try:
        return parse_parts(data.read(0, MAX_DOCUMENT_BYTES + 1)) if data else None
    except FormatError:
        return None


def _packing(data: Extent | None) -> str | None:
    if data is None:
        return None
    head = data.read(0, 4)
    return "gzip" if head.startswith(GZIP) else "zstd" if head.startswith(ZSTD) else ""
