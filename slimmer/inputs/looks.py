"""What a path looks like, before it is opened."""

from __future__ import annotations

from pathlib import Path

from slimmer.formats.streams import STREAMS
from slimmer.formats.tar import is_tar

LAYOUT = ("oci-layout", "index.json")  # what lies at the top of an OCI layout
_HEAD_BYTES = 512


def may_be_image(path: Path) -> bool:
    """Return whether a path looks like an image: an OCI layout, or a tar."""
    return is_layout(path) or may_be_tar(path)


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
