"""What a path looks like, before it is opened."""

from __future__ import annotations

import os
from pathlib import Path

from slimmer.formats.streams import STREAMS
from slimmer.formats.tar import is_tar
from slimmer.model.forms import EngineImage, engine_image

STDIN = "-"
LAYOUT = ("oci-layout", "index.json")  # what lies at the top of an OCI layout
_HEAD_BYTES = 512


def may_be_image(path: Path) -> bool:
    """Return whether a path looks like an image: an OCI layout, a tar, or one of an engine."""
    return is_stream(path) or is_layout(path) or may_be_tar(path)


def is_stream(path: Path) -> bool:
    """Return whether a path names no file: standard input, or an image of an engine."""
    return str(path) == STDIN or engine_of(path) is not None


def engine_of(path: Path) -> EngineImage | None:
    """Return the image of an engine that a path names; None where a file is called so."""
    image = engine_image(str(path))
    return image if image and not os.path.lexists(path) else None


def is_layout(path: Path) -> bool:
    """Return whether a folder is an OCI layout."""
    try:
        return path.is_dir() and all((path / name).is_file() for name in LAYOUT)
    except OSError:  # what lies in it may not be looked at
        return False


def may_be_tar(path: Path) -> bool:
    """Return whether a file begins as a tar does, or as a stream that may hold one."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:  # which shows again when it is opened
        return False
    return is_tar(head) or head.startswith(STREAMS)
