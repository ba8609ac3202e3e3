"""The scratch folder of a run: nobody else's, and gone afterwards, however deep it is."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from slimmer.folders import remove
from slimmer.outputs import leftovers
from slimmer.outputs.defer_signals import deferred_signals

_START = "slim-verify-"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a new folder. What cannot be removed afterwards stays, and is for the caller to tell.

    Folders that a killed slim has left are removed, too.
    """
    parent = Path(tempfile.gettempdir())
    with contextlib.ExitStack() as stack:
        with deferred_signals():
            leftovers.clear(parent, _START, "", remove)
            folder, handle = leftovers.make(parent, _START, "", _create)
            stack.callback(os.close, handle)
            stack.callback(_clear, folder)
        folder.chmod(0o755)  # for the function, which runs as another user
        yield folder


def _create(folder: Path) -> int:
    while True:
        folder.mkdir(mode=0o700)
        with contextlib.suppress(FileNotFoundError):  # another took it for dead: nobody held it
            return os.open(folder, os.O_RDONLY)


def _clear(folder: Path) -> None:
    with deferred_signals(), contextlib.suppress(OSError):
        remove(folder)
