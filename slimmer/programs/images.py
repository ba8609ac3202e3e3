"""Images of the engines that are installed: taken with ``save``, given back with ``load``."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from slimmer.programs.guarded import end, guarded

_PIECE_BYTES = 1024 * 1024
_START = re.compile(r"^(?:Error(?: response from daemon)?|error): *", re.ASCII)


class EngineError(Exception):
    """An engine did not do what it was asked; the text says why, on one line."""


def saved(engine: str, name: str) -> Iterator[bytes]:
    """Yield an image as ``save`` writes it. Raises EngineError."""
    with _started(engine, "save", "--", name) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        while piece := process.stdout.read(_PIECE_BYTES):
            yield piece


def load(engine: str, pieces: Iterable[bytes]) -> None:
    """Have an engine load an image. Raises EngineError."""
    with _started(engine, "load", "--quiet") as process:
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:  # the engine says why
            pass
        process.stdout.read()


@contextmanager
def _started(engine: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of an engine. Raises EngineError where it is not there, or where it fails."""
    program = shutil.which(engine)
    if program is None:
        raise EngineError(f"{engine} is not on PATH")
    with tempfile.TemporaryFile() as said, _popen([program, *words], said) as process:
        try:
            yield process
        except BaseException:
            end(process)
            raise
        code = process.wait()
        said.seek(0)
        if code:
            raise EngineError(_reason(said.read().decode("utf-8", "replace"), code))


def _popen(command: list[str], said: IO[bytes]) -> subprocess.Popen[bytes]:
    is_load = "load" in command
    return subprocess.Popen(  # noqa: S603 - the engine that is installed
        guarded(command),
        stdin=subprocess.PIPE if is_load else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
        start_new_session=True,
    )


def _reason(text: str, code: int) -> str:
    """Return the line that says why an engine failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if _START.match(line)] or lines
    return _START.sub("", told[-1]) if told else f"it ended with {code}"
