"""What a function opened, or looked for, of what a shrink dropped, though it answered.

A server hands on what stands in the place of data without reading it, or says that a page is not
there. In an image a program, a library or a module may be asked for in vain. One more run is
watched, as only the kernel sees that.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from slimmer.ecosystems.stubs import Listed, files_in, stub_in
from slimmer.errors import UsageError
from slimmer.paths import join
from slimmer.text import printable
from slimmer.verify.image_root import ImageRoot
from slimmer.verify.model import Job, NotStartable
from slimmer.verify.opened import on_this_machine, slow
from slimmer.verify.runner import run
from slimmer.verify.trace.supervisor import traced
from slimmer.verify.trace.syscalls import Access, Kind
from slimmer.verify.workspace import Workspace

_HEAD_BYTES = 512


def missed_by(workspace: Workspace, job: Job, listed: bytes, told: str) -> Iterator[str]:
    """Yield what the events asked for and a shrink dropped, a line each.

    ``listed`` is the list that ships; without one nothing is run. What ``told``, the log, has
    already is left out. Nothing is yielded where nothing can be watched.
    """
    if not listed or workspace.launch.container:
        return
    try:
        with traced(workspace.launch) as (launch, trace):
            start = replace(workspace, launch=launch).start()
            run(start, job.events, slow(job.limits))
    except (NotStartable, UsageError):
        return
    dropped, image = files_in(listed), workspace.root
    if image:
        found = (_of_image(image, access, dropped) for access in sorted(trace.accesses, key=str))
    else:
        found = (_said(workspace, access, dropped) for access in sorted(trace.accesses, key=str))
    yield from dict.fromkeys(line for line in found if line and line not in told)


def _of_image(image: ImageRoot, access: Access, dropped: Listed) -> str:
    """Return what a shrink dropped of an image, and the row, where an access asked for it."""
    folder, _, name = posixpath.normpath(access.path).rpartition("/")
    real = image.at(folder)
    inside = join(real or folder.strip("/"), name)
    if inside in image.source.tree.by_path:
        is_read = access.kind is not Kind.LOOK and image.size_bytes(inside) is not None
        return printable(stub_in(_head(Path(image.folder) / inside))) if is_read else ""
    place = dropped.place(inside)  # of a module of Erlang, which is looked for in many folders
    shown = inside if inside in dropped.files else name
    return f"{printable(shown)}: {printable(place)}" if place else ""


def _said(workspace: Workspace, access: Access, dropped: Listed) -> str:
    """Return what a shrink dropped, and the row, where an access asked for it."""
    path = on_this_machine(workspace, posixpath.normpath(access.path))
    if path is None:
        return ""
    if access.kind is not Kind.LOOK and path.is_file():
        return printable(stub_in(_head(path)))
    inside = path.relative_to(workspace.scratch).as_posix().partition("/")[2]
    place = "" if path.exists() else dropped.files.get(inside, "")
    return f"{printable(inside)}: {printable(place)}" if place else ""


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
