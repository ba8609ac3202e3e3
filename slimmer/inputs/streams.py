"""Sources that are no files: standard input, and the images of an engine."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.tar import is_tar
from slimmer.inputs.base import Source
from slimmer.inputs.extent import said_of, spooled
from slimmer.inputs.image import MAX_IMAGE_BYTES, tree_in
from slimmer.model.forms import EngineImage
from slimmer.programs.images import EngineError, saved
from slimmer.text import printable

_MAX_BYTES = MAX_IMAGE_BYTES + MAX_IMAGE_BYTES // 8  # with the headers of its tars
_PIECE_BYTES = 1024 * 1024
_HEAD_BYTES = 512


def open_stdin(path: Path, arch: str) -> Source:
    """Return the tar on standard input, compressed or not. Raises InputError."""
    stream = sys.stdin.buffer
    if stream.isatty():
        raise InputError("-: standard input is a terminal; pipe a tar into it, as docker save does")
    return _open(iter(lambda: stream.read(_PIECE_BYTES), b""), path, arch)


def open_engine(image: EngineImage, path: Path, arch: str) -> Source:
    """Return an image of an engine. Raises InputError where the engine does not give it."""
    try:
        return _open(saved(*image), path, arch)
    except EngineError as error:
        raise InputError(
            f"{printable(str(path))}: {image.engine} does not give it "
            f"({printable(str(error)).rstrip('.')}); start the engine, or name an image that it has"
        ) from None


def _open(pieces: Iterable[bytes] | Iterator[bytes], path: Path, arch: str) -> Source:
    with said_of(str(path), "a tar"):
        data = spooled(pieces, str(path), _MAX_BYTES)
        if not is_tar(data.read(0, _HEAD_BYTES)):
            raise FormatError("no tar is in it" if data.size_bytes else "it is empty")
    return tree_in(data, path, arch)
