"""What a start opens of its artifacts: how many files, and how many bytes these have."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.verify.image_root import ImageRoot
from slimmer.verify.model import Job, Limits, NotStartable
from slimmer.verify.rootfs import FUNCTION, LAYERS
from slimmer.verify.runner import run
from slimmer.verify.trace.supervisor import traced
from slimmer.verify.trace.syscalls import Access, Kind
from slimmer.verify.workspace import FOLDERS, Workspace

_SLOWER = 10


class Opened(NamedTuple):
    """Files of the artifacts that were opened or run up to the first answer."""

    files: int
    #: The size of these files, whether all of it was read or not.
    bytes: int


def opened_by(workspace: Workspace, job: Job) -> Opened | None:
    """Return what one more start opens; None where it cannot be watched, as in a container.

    It is no start that is measured, since being watched takes time.
    """
    if workspace.launch.container:
        return None
    try:
        with traced(workspace.launch) as (launch, trace):
            start = replace(workspace, launch=launch).start()
            failure = run(start, job.events[:1], slow(job.limits)).failure
    except (NotStartable, UsageError):
        return None
    return None if failure or trace.unread else _sum(workspace, trace.accesses)


def slow(limits: Limits) -> Limits:
    """Return the limits of a start that is watched, each of whose calls waits for this process."""
    return limits._replace(timeout_s=limits.timeout_s * _SLOWER, init_s=limits.init_s * _SLOWER)


def _sum(workspace: Workspace, accesses: Iterable[Access]) -> Opened:
    sizes: dict[tuple[int, int], int] = {}
    if workspace.root:
        return _of_image(workspace.root, accesses)
    for kind, path in accesses:
        file = None if kind is Kind.LOOK else on_this_machine(workspace, posixpath.normpath(path))
        if file and file.is_file():
            found = file.stat()
            sizes[found.st_dev, found.st_ino] = found.st_size
    return Opened(len(sizes), sum(sizes.values()))


def _of_image(root: ImageRoot, accesses: Iterable[Access]) -> Opened:
    named = {root.at(posixpath.normpath(path)) for kind, path in accesses if kind is not Kind.LOOK}
    sizes = [root.size_bytes(path) for path in named if path]
    found = [size for size in sizes if size is not None]
    return Opened(len(found), sum(found))


def on_this_machine(workspace: Workspace, path: str) -> Path | None:
    """Return where a path of the artifacts lies; None for another."""
    for place in (LAYERS, FUNCTION):
        above = workspace.where[place] + "/"
        if path.startswith(above):
            return workspace.scratch / FOLDERS[place] / path[len(above) :]
    return None
