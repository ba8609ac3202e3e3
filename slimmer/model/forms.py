"""The forms in which an artifact comes out, and as what of a function it is deployed."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

ZIP: Final = "zip"
IMAGE: Final = "image"
LAYOUT: Final = "layout"
FOLDER: Final = "folder"

FORMS: Final = (ZIP, IMAGE, LAYOUT, FOLDER)
#: That are an image, with all that an image says of its files.
IMAGES: Final = (IMAGE, LAYOUT)
#: That are folders on a disk.
FOLDERS: Final = (LAYOUT, FOLDER)

ENGINES: Final = ("docker", "podman")
_NAME = re.compile(r"[A-Za-z0-9][\w./:@-]*", re.ASCII)


class DeployedAs(StrEnum):
    """The function itself, unpacked into /var/task, or a layer, unpacked into /opt."""

    FUNCTION = "function"
    LAYER = "layer"


class EngineImage(NamedTuple):
    """An image that an engine has, or is to have."""

    engine: str
    name: str


def engine_image(text: str) -> EngineImage | None:
    """Return the image that ``docker:NAME`` or ``podman:NAME`` names; None for any other text."""
    engine, colon, name = text.partition(":")
    is_one = engine in ENGINES and colon and _NAME.fullmatch(name)
    return EngineImage(engine, name) if is_one else None


def form_of(name: str, *, is_folder: bool) -> str:
    """Return the form that the name of an output stands for."""
    if is_folder:
        return FOLDER
    return IMAGE if name.endswith(".tar") else ZIP
