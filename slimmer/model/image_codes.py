"""Codes of findings on container images: what Lambda refuses, and what does not start there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slimmer.model.code import CHECK, FAIL, NOTE, WARN, Code

IMAGES: Final[Mapping[str, Code]] = {
    "image-index": Code(
        FAIL,
        CHECK,
        "The image is named by an index, with several platforms or attestations, which Lambda "
        "refuses; build it with --provenance=false for one platform, or use --fix.",
        (NOTE,),
    ),
    "image-media-type": Code(
        FAIL,
        CHECK,
        "A manifest, configuration or layer is of a media type that Lambda refuses.",
        (NOTE,),
    ),
    "image-packing": Code(
        FAIL,
        CHECK,
        "A layer is not compressed, which Lambda refuses, or with zstd, of which AWS says nothing; "
        "pack it with gzip, or use --fix.",
        (WARN, NOTE),
    ),
    "image-unreadable": Code(
        FAIL,
        CHECK,
        "The image cannot be read: it is cut off, a blob is missing or another than its digest "
        "says, a layer is encrypted, or larger than Lambda takes.",
    ),
    "image-entry": Code(
        FAIL, CHECK, "The image has no Entrypoint and no Cmd, or what they name cannot be started."
    ),
    "image-processor": Code(
        FAIL, CHECK, "The image, or its entry point, is for a processor or system other than said."
    ),
    "image-user": Code(NOTE, CHECK, "The image names a user; Lambda runs it as its own."),
    "image-wasted": Code(
        NOTE, CHECK, "Layers hold files that later ones take away or write over; squash them."
    ),
}
