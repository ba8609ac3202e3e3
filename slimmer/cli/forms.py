"""What ``slim build`` writes besides a zip: images and folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slimmer.errors import UsageError
from slimmer.model.forms import FOLDERS, IMAGES, ZIP

if TYPE_CHECKING:
    from slimmer.inputs.base import Source
    from slimmer.outputs.atomic import Discard
    from slimmer.outputs.folder import DiscardFolder

_SLIM = "slim"
#: A name as engines take it (distribution's reference/regexp.go), a registry among its parts.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::[\w][\w.-]{{0,127}})?")


def check_form_options(form: str, tag: str, *, verifies: bool) -> None:
    """Raise UsageError for options that do not go with a form."""
    if tag and form not in IMAGES:
        raise UsageError("--tag names an image; write one with --form image, or remove it")
    if tag and not _NAME.fullmatch(tag):
        raise UsageError(f"--tag {tag}: not a name of an image; write it as app:slim")
    if verifies and form != ZIP:
        raise UsageError("--verify runs a zip; remove it, or write one")


def discarded(form: str) -> Discard | DiscardFolder:
    """Return what takes an artifact of a form and keeps nothing."""
    from slimmer.outputs.atomic import Discard
    from slimmer.outputs.folder import DiscardFolder

    return DiscardFolder() if form in FOLDERS else Discard()


def image_tags(source: Source, tag: str, form: str) -> tuple[str, ...]:
    """Return what an image is called: as it was said, or as its source with ``-slim``."""
    if form not in IMAGES:
        return ()
    from slimmer.inputs.image import ImageTree

    if tag:
        return (tag if ":" in tag.rpartition("/")[2] else f"{tag}:{_SLIM}",)
    names = source.names if isinstance(source, ImageTree) else ()
    return tuple(f"{base}:{_slim(own)}" for base, _, own in (n.rpartition(":") for n in names))


def _slim(tag: str) -> str:
    return _SLIM if tag == "latest" else f"{tag}-{_SLIM}"
