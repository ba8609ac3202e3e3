"""The forms in which an artifact comes out."""

from __future__ import annotations

from typing import Final

ZIP: Final = "zip"
IMAGE: Final = "image"
LAYOUT: Final = "layout"
FOLDER: Final = "folder"

FORMS: Final = (ZIP, IMAGE, LAYOUT, FOLDER)
#: That are an image, with all that an image says of its files.
IMAGES: Final = (IMAGE, LAYOUT)
#: That are folders on a disk.
FOLDERS: Final = (LAYOUT, FOLDER)


def form_of(name: str, *, is_folder: bool) -> str:
    """Return the form that the name of an output stands for."""
    if is_folder:
        return FOLDER
    return IMAGE if name.endswith(".tar") else ZIP
