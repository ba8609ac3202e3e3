"""A shell on a terminal of its own, to which a test types as a person does."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

PATIENCE_S = 60  # a busy machine starts Python slowly


class Terminal:
    """A program on a pseudo-terminal; its end closes the terminal."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]):
        self._pid, self._tty = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606 - it is the shell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._tty)

    def rest(self) -> Iterator[tuple[float, bytes]]:
        """Yield what the terminal shows until the program ends, each with when it came."""
        while True:
            try:
                data = os.read(self._tty, 65536)
            except OSError:  # how Linux says that nobody has the terminal open
                return
            yield time.monotonic(), data

    def type(self, keys: str, *until: str) -> str:
        """Type keys and return what the terminal shows since, once all of ``until`` stand there."""
        os.write(self._tty, keys.encode())
        shown, end = "", time.monotonic() + PATIENCE_S
        while not all(words in shown for words in until):
            left = end - time.monotonic()
            ready = left > 0 and select.select([self._tty], [], [], left)[0]
            assert ready, f"{keys!r} did not show {until}, but:\n{shown}"
            try:
                shown += os.read(self._tty, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"the shell ended after {keys!r}:\n{shown}") from None
        return shown
