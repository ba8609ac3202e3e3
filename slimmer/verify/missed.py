"""What a function opened, or looked for, of what a shrink dropped, though it answered.

A server hands on what stands in the place of data without reading it, or says that a page is not
there. One more run is watched, as only the kernel sees that.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from slimmer.ecosystems.stubs import served_in, stub_in
from slimmer.errors import UsageError
from slimmer.text import printable
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
    if not listed or workspace.launch.container or workspace.root:
        return
    try:
        with traced(workspace.launch) as (launch, trace):
            start = replace(workspace, launch=launch).start()
            run(start, job.events, slow(job.limits))
    except (NotStartable, UsageError):
        return
    served = served_in(listed)
    found = (_said(workspace, access, served) for access in sorted(trace.accesses, key=str))
    yield from dict.fromkeys(line for line in found if line and line not in told)


def _said(workspace: Workspace, access: Access, served: Mapping[str, str]) -> str:
    """Return what a shrink dropped, and the row, where an access asked for it."""
    path = on_this_machine(workspace, posixpath.normpath(access.path))
    if path is None:
        return ""
    if access.kind is not Kind.LOOK and path.is_file():
        return printable(stub_in(_head(path)))
    inside = path.relative_to(workspace.scratch).as_posix().partition("/")[2]
    place = "" if path.exists() else served.get(inside, "")
    return f"{printable(inside)}: {printable(place)}" if place else ""


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
