"""What of the artifacts cannot load here, for a run that failed: native files for Lambda's arm64.

Whoever builds for another processor than that of this machine sees an import fail that is right.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from slimmer.folders import files_in
from slimmer.formats.native import ARM64, HEAD_BYTES, X86_64, identify
from slimmer.text import and_more, printable
from slimmer.verify.rootfs import FUNCTION, LAYERS
from slimmer.verify.workspace import FOLDERS, Workspace

_HERE = {"aarch64": ARM64}.get(platform.machine(), platform.machine())


def foreign(workspace: Workspace) -> Iterator[str]:
    """Yield a line where all native files of function and layers are for another processor."""
    found: dict[str, list[str]] = {X86_64: [], ARM64: []}
    for place in (FUNCTION, LAYERS):
        root = workspace.scratch / FOLDERS[place]
        for path in _files(root):
            for processor in _processors(path):
                name = f"{place}/{path.relative_to(root).as_posix()}"
                found.setdefault(processor, []).append(printable(name))
    other = ARM64 if _HERE == X86_64 else X86_64
    if found[other] and not found.get(_HERE):
        verb = "is" if len(found[other]) == 1 else "are"
        yield (
            f"{and_more(found[other])} {verb} for {other}, and this machine is {_HERE}, where "
            f"native code for {other} does not load; run slim verify on {other}"
        )


def _files(root: Path) -> list[Path]:
    try:
        return sorted(files_in(root))
    except OSError:  # a path that is too long, or gone: then nothing is said
        return []


def _processors(path: Path) -> tuple[str, ...]:
    """Return the processors that a file is for, if it is native code of Linux."""
    if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):
        return ()
    with path.open("rb") as file:
        native = identify(file.read(HEAD_BYTES))
    return native.processors if native and native.system == "linux" else ()
