"""A shell of this machine's that runs in any root: for images, which need not have one.

The shell and env(1) lie with the libraries that they are linked to in a folder of /dev, and their
loader starts them (ld.so(8)), so that nothing of the image is used and nothing is put into it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import read_interpreter
from slimmer.verify.rootfs import Mount
from slimmer.verify.runtimes.program import said
from slimmer.verify.stage import Shell

_PLACE = "/dev/.slim"
_LOADER = "ld.so"


def machine_shell() -> tuple[Shell, tuple[Mount, ...]]:
    """Return the shell as it is started in any root, and the mounts that bring it there.

    Raises UsageError where this machine has none.
    """
    mounts: dict[str, str] = {}
    words = [_brought(name, mounts) for name in ("sh", "env")]
    found = tuple(Mount("bind", f"{_PLACE}/{name}", path) for name, path in sorted(mounts.items()))
    return Shell(words[0], words[1]), found


def _brought(name: str, mounts: dict[str, str]) -> tuple[str, ...]:
    """Add a program and what it is linked to; return the words that start it."""
    program = shutil.which(name)
    if program is None:
        raise UsageError(f"there is no {name} on PATH, which starts what runs in an image")
    mounts[name] = real = os.path.realpath(program)
    loader = _interpreter(real)
    if not loader:
        return (f"{_PLACE}/{name}",)
    mounts[_LOADER] = os.path.realpath(loader)
    for line in said(["ldd", real]).splitlines():
        library, arrow, path = line.strip().partition(" => ")
        path = path.rpartition(" (")[0].strip()
        if arrow and path.startswith("/"):
            mounts[library] = os.path.realpath(path)
    return (f"{_PLACE}/{_LOADER}", "--library-path", _PLACE, f"{_PLACE}/{name}")


def _interpreter(program: str) -> str:
    with Path(program).open("rb") as file:
        try:
            return read_interpreter(lambda start, size: os.pread(file.fileno(), size, start))
        except (FormatError, Refused):
            return ""
