"""Images among what a command is given."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from slimmer.errors import UsageError
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.cli.frame import Asked
    from slimmer.cli.role import Role
    from slimmer.verify.model import ArtifactRef


def image_alone(given: Sequence[Path], why: str) -> Path | None:
    """Return the image that is given, if any. Raises UsageError where it is not alone.

    ``why`` says what forbids more, as in ``an image is deployed alone``.
    """
    from slimmer.inputs.looks import may_be_image

    image = next((path for path in given if may_be_image(path)), None)
    if image is not None and len(given) > 1:
        raise UsageError(f"{printable(str(image))}: {why}; name nothing beside it")
    return image


def image_or_artifact(path: Path, prefix: str = "") -> ArtifactRef:
    """Return what a path names. One that is no file is read once, however often it is run."""
    from slimmer.inputs.looks import is_stream
    from slimmer.verify.model import ArtifactRef

    if not is_stream(path):
        return ArtifactRef(str(path), prefix)
    from slimmer.inputs.streams import stream_data

    return ArtifactRef(str(path), prefix, functools.cache(lambda: stream_data(path)))


def check_alone(asked: Asked, role: Role) -> None:
    """Raise UsageError for what cannot be beside an image that is run."""
    if any(role) or asked.beside or asked.base_layers:
        raise UsageError(
            "an image runs alone, as Lambda adds no layers to it; remove --as-function, "
            "--as-layer, --function, --with and --base"
        )
