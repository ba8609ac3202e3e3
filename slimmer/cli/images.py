"""Images among what a command is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.text import printable


def image_alone(given: Sequence[Path], why: str) -> Path | None:
    """Return the image that is given, if any. Raises UsageError where it is not alone.

    ``why`` says what forbids more, as in ``an image is deployed alone``.
    """
    from slimmer.inputs.looks import may_be_image

    image = next((path for path in given if may_be_image(path)), None)
    if image is not None and len(given) > 1:
        raise UsageError(f"{printable(str(image))}: {why}; name nothing beside it")
    return image
