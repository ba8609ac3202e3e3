"""What ``slim build`` writes besides a zip: images and folders."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from slimmer.cli.outputs import STDOUT
from slimmer.decide.question import OF_IMAGES
from slimmer.errors import UsageError
from slimmer.inputs.folder import Folder
from slimmer.model.forms import FOLDER, FOLDERS, IMAGE, IMAGES, ZIP, engine_image

if TYPE_CHECKING:
    from slimmer.config.settings import Settings
    from slimmer.inputs.base import Source
    from slimmer.model.findings import Finding
    from slimmer.outputs.atomic import Discard
    from slimmer.outputs.folder import DiscardFolder

_SLIM, _LATEST = "slim", "latest"
#: A name as engines take it (distribution's reference/regexp.go), a registry among its parts.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::[\w][\w.-]{{0,127}})?")


def check_form_options(
    output: Path, form: str, tag: str, *, verifies: bool, estimates: bool
) -> None:
    """Raise UsageError for options that do not go with a form."""
    image = engine_image(str(output))
    if image and form != IMAGE:
        raise UsageError(f"{output}: {image.engine} takes an image; remove --form {form}")
    if image and tag:
        raise UsageError(f"--tag {tag}: {output} names the image already; remove --tag")
    if output == STDOUT and form in FOLDERS:
        raise UsageError(f"--form {form}: standard output takes no folder; name one")
    if output == STDOUT and sys.stdout.isatty():
        raise UsageError("-: standard output is a terminal; pipe it into docker load, or a file")
    if tag and form not in IMAGES:
        raise UsageError("--tag names an image; write one with --form image, or remove it")
    if tag and not _NAME.fullmatch(tag):
        raise UsageError(f"--tag {tag}: not a name of an image; write it as app:slim")
    if verifies and form == FOLDER:
        raise UsageError("--verify runs a zip or an image; remove it, or write one")
    if verifies and form == ZIP and output == STDOUT:
        raise UsageError("--verify runs a zip in a file; remove it, or name one")
    if estimates and form != ZIP:
        raise UsageError(f"--estimate is of a zip; remove it, or --form {form}")


def discarded(form: str) -> Discard | DiscardFolder:
    """Return what takes an artifact of a form and keeps nothing."""
    from slimmer.outputs.atomic import Discard
    from slimmer.outputs.folder import DiscardFolder

    return DiscardFolder() if form in FOLDERS else Discard()


def form_for(source: Source, form: str, settings: Settings) -> str:
    """Return the form in which a source comes out, where nobody may have said one.

    An image does so as an image, and its root as a folder, but for a target that is no image's.
    """
    if form or settings.target not in OF_IMAGES:
        return form or ZIP
    if isinstance(source, Folder):
        return FOLDER if source.is_root else ZIP
    from slimmer.inputs.image import ImageTree

    return IMAGE if isinstance(source, ImageTree) else ZIP


def as_function(source: Source, form: str, settings: Settings) -> tuple[Source, list[Finding]]:
    """Return an image as the function in a zip for a runtime of its own; else what was given."""
    if form != ZIP or not settings.target.startswith("provided"):
        return source, []
    from slimmer.inputs.image import ImageTree

    if not isinstance(source, ImageTree):
        return source, []
    from slimmer.build.function_tree import function_of
    from slimmer.targets import find_targets

    return function_of(source, find_targets(settings.target)[0])


def image_tags(source: Source, output: Path, tag: str, form: str) -> tuple[str, ...]:
    """Return what an image is called: as it was said, or as its source with ``-slim``."""
    if form not in IMAGES:
        return ()
    from slimmer.inputs.image import ImageTree

    image = engine_image(str(output))
    name = image.name if image else tag
    if name:
        return (name if ":" in name.rpartition("/")[2] else f"{name}:{_LATEST}",)
    names = source.names if isinstance(source, ImageTree) else ()
    return tuple(f"{base}:{_slim(own)}" for base, _, own in (n.rpartition(":") for n in names))


def _slim(tag: str) -> str:
    return _SLIM if tag == _LATEST else f"{tag}-{_SLIM}"
