"""An image as Lambda takes it: one manifest, each layer packed with gzip, nothing else changed.

A layer that is packed so already stays as it is, byte for byte; another keeps its tar, and so the
digest that the configuration has of it.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import NamedTuple

from slimmer.build.image_output import stored_layer
from slimmer.formats.oci_writer import documents
from slimmer.formats.zip.writer import Sink
from slimmer.inputs.image import ImageTree
from slimmer.outputs.image import image_files, write_tar


class Fixed(NamedTuple):
    """What was written."""

    digest: str
    size_bytes: int
    #: How many layers stayed as they were, and how many were packed anew.
    kept: int
    packed: int


def fix_image(image: ImageTree, sink: Sink, level: int) -> Fixed:
    """Write an image as a tar for ``docker load`` and skopeo. Raises what reading it raises."""
    with ExitStack() as stack:
        made = [stored_layer(layer, level, stack, with_zstd=False) for layer in image.layers]
        layers = [written for written, _ in made]
        told = image.config.document, image.annotations
        said = documents(*told, layers, len(layers), image.names)
        _, size_bytes = write_tar(sink, image_files(said, [blob for _, blob in made]))
    pairs = zip(image.layers, layers, strict=True)
    kept = sum(old.blob.size_bytes == new.size_bytes for old, new in pairs)
    return Fixed(said.digest, size_bytes, kept, len(layers) - kept)
