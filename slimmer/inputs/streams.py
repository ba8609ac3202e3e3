"""Sources that are no files: standard input, and the images of an engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.tar import is_tar
from slimmer.inputs.extent import Extent, said_of, spooled
from slimmer.inputs.image import MAX_IMAGE_BYTES
from slimmer.inputs.looks import engine_of
from slimmer.programs.images import EngineError, saved
from slimmer.text import printable

_MAX_BYTES = MAX_IMAGE_BYTES + MAX_IMAGE_BYTES // 8  # with the headers of its tars
_PIECE_BYTES = 1024 * 1024
_HEAD_BYTES = 512


def stream_data(path: Path) -> Extent:
    """Return the tar on standard input, or that an engine saves of its image, not compressed.

    Raises InputError for what is no tar, and where the engine does not give it.
    """
    image = engine_of(path)
    if image is None:
        return _spooled(_stdin(), path)
    try:
        return _spooled(saved(*image), path)
    except EngineError as error:
        raise InputError(
            f"{printable(str(path))}: {image.engine} does not give it "
            f"({printable(str(error)).rstrip('.')}); start the engine, or name an image that it has"
        ) from None


def _stdin() -> Iterator[bytes]:
    stream = sys.stdin.buffer
    if stream.isatty():
        raise InputError("-: standard input is a terminal; pipe a tar into it, as docker save does")
    return iter(lambda: stream.read(_PIECE_BYTES), b"")


def _spooled(pieces: Iterator[bytes], path: Path) -> Extent:
    with said_of(str(path), "a tar"):
        data = spooled(pieces, str(path), _MAX_BYTES)
        if not is_tar(data.read(0, _HEAD_BYTES)):
            raise FormatError("no tar is in it" if data.size_bytes else "it is empty")
    return data
