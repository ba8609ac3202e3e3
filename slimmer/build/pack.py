"""The last step of a build: what ships is written, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

from slimmer.build.contents import Contents
from slimmer.build.job import Job
from slimmer.errors import UsageError
from slimmer.formats.zip.writer import Sink
from slimmer.model.artifact import Artifact
from slimmer.model.findings import Finding, finding
from slimmer.model.forms import FOLDER, IMAGES, ZIP
from slimmer.model.plan import Plan
from slimmer.outputs.folder import NewFolder
from slimmer.outputs.zip import write_zip
from slimmer.text import and_more


def check_form(job: Job) -> None:
    """Raise UsageError where the tree cannot come out in the form that was asked for."""
    if job.form not in IMAGES:
        return
    from slimmer.inputs.image import ImageTree  # noqa: PLC0415 - what few builds need

    question = job.question
    if not isinstance(question.source, ImageTree):
        raise UsageError(
            f"--form {job.form} needs an image, as no other tree says how it is started; name an "
            "OCI layout or a tar of docker save, or write a zip"
        )
    if question.base.layers and question.shrunk.units:
        raise UsageError("--shrink drops what lies in any layer; remove it or --base-layers")
    if question.deployment.siblings or question.settings.prefix:
        raise UsageError(
            "an image has no layers beside it, and no prefix; remove --with, --base, --function "
            "and --prefix"
        )


def pack(
    job: Job,
    plan: Plan,
    contents: Contents,
    sink: Sink | NewFolder,
    progress: Callable[[int], object],
) -> Artifact:
    """Write what ships into ``sink``; return the artifact. Raises UsageError and InputError."""
    if job.form in IMAGES:
        from slimmer.build.image_output import pack_image  # noqa: PLC0415 - what few builds need

        return pack_image(job, plan, contents, sink, progress)
    if job.form == FOLDER:
        from slimmer.build.folder_output import pack_folder  # noqa: PLC0415

        return pack_folder(job, plan, contents, cast("NewFolder", sink), progress)
    assert job.form == ZIP  # noqa: S101 - there is no other
    settings = job.question.settings
    return write_zip(
        sink,
        job.name,
        [contents.pending(step, settings.prefix) for step in plan.shipped],
        level=settings.level,
        cache=job.cache,
        progress=progress,
    )


def not_made(sink: Sink | NewFolder) -> Iterator[Finding]:
    """Yield a warning where something could not be made in a folder."""
    paths = sink.left_out if isinstance(sink, NewFolder) else ()
    if paths:
        yield finding(
            "not-made",
            f"{and_more(list(dict.fromkeys(paths)))}: devices, sockets or extended attributes "
            "that cannot be made here, and are not in the folder; run as root for devices",
        )
