"""Several artifacts side by side: each in a process of its own, within the cores that there are.

What each says is kept, and printed in order: the output is that of one after another.
"""

from __future__ import annotations

import contextlib
import io
import select
import signal
import sys
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO, cast

from slimmer.cli.outputs import emit, written
from slimmer.cli.terminal import is_terminal, progress
from slimmer.parallel import Child, available_cores, forked, may_fork, share_cores

_PDEATHSIG = 1  # linux/prctl.h
_STREAMS = (0, 1, 2)

_Plain = tuple[int, list[tuple[bool, bytes]], list[str]]


class Outcome(NamedTuple):
    """What came of one artifact."""

    code: int
    #: What it said, each with whether that is for standard error.
    said: Sequence[tuple[bool, bytes]] = ()
    #: The files that it put in their places.
    files: Sequence[str] = ()

    def tell(self) -> int:
        """Print what was said, and return the exit code."""
        written().extend(map(Path, self.files))
        for is_error, text in self.said:
            emit(text, err=is_error)
        return self.code


def side_by_side(
    needs: Mapping[str, Collection[str]], work: Callable[[str], int], *, quiet: bool
) -> Generator[Outcome, None, None]:
    """Yield what ``work`` makes of each name, in their order, which puts needs first.

    A name is begun once those that it needs are done. Where there is no second core, and where a
    process ends before its work does, this process works itself: what is raised reaches the caller.
    """
    if len(needs) < 2 or not may_fork():
        for name in needs:
            yield Outcome(work(name))
        return
    with contextlib.ExitStack() as stack:
        run = _Run(needs, work, stack)
        for name in needs:
            with progress(quiet=quiet) as show:
                while name not in run.done:
                    run.begin()
                    show(run.told, 0, 0)
                    run.wait()
            done = run.done[name]
            yield done if done is not None else Outcome(work(name))


class _Run:
    """Which artifacts are being worked on, and what came of those that are done."""

    def __init__(
        self,
        needs: Mapping[str, Collection[str]],
        work: Callable[[str], int],
        stack: contextlib.ExitStack,
    ) -> None:
        self._needs, self._work, self._stack = needs, work, stack
        self._running: dict[str, Child] = {}
        #: None where a process ended before its work did.
        self.done: dict[str, Outcome | None] = {}

    @property
    def told(self) -> str:
        """How far the run is, in words."""
        return f"{len(self.done)} of {len(self._needs)} done, now {', '.join(self._running)}"

    def begin(self) -> None:
        """Begin what can be, as many as there are cores."""
        cores = available_cores()
        ready = [name for name in self._needs if self._is_ready(name)]
        both = min(cores, len(ready) + len(self._running))
        for name in ready[: cores - len(self._running)]:
            task = self._task(name, max(1, cores // both))
            self._running[name] = self._stack.enter_context(forked(task, _STREAMS, gently=True))

    def _is_ready(self, name: str) -> bool:
        needed = set(self._needs[name]) & self._needs.keys()
        return name not in self._running and name not in self.done and needed <= self.done.keys()

    def _task(self, name: str, cores: int) -> Callable[[Callable[[], bool]], _Plain]:
        def task(is_wanted: Callable[[], bool]) -> _Plain:
            _end_with_parent()
            if not is_wanted():
                raise ChildProcessError
            share_cores(cores)
            before = len(written())
            with _kept() as said:
                code = self._work(name)
            return code, said, [str(path) for path in written()[before:]]

        return task

    def wait(self) -> None:
        """Wait until something is done."""
        readable = set(select.select(list(self._running.values()), [], [])[0])
        for name in [name for name, child in self._running.items() if child in readable]:
            result = cast("_Plain | None", self._running.pop(name).result())
            self.done[name] = Outcome(*result) if result is not None else None


class _Kept(io.RawIOBase):
    """A stream whose bytes are kept, with those of another in their order."""

    def __init__(self, said: list[tuple[bool, bytes]], *, is_error: bool) -> None:
        self._said, self._is_error = said, is_error

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        kept = bytes(cast("bytes", data))
        self._said.append((self._is_error, kept))
        return len(kept)


class _Text(io.TextIOWrapper):
    """Text that is kept; a report for a terminal has bars, also where it is kept first."""

    is_terminal = False

    def isatty(self) -> bool:
        return self.is_terminal


@contextlib.contextmanager
def _kept() -> Iterator[list[tuple[bool, bytes]]]:
    """Keep what is printed; standard error is no terminal meanwhile, so that it gets no bar."""
    said: list[tuple[bool, bytes]] = []
    out = _text(sys.stdout, _Kept(said, is_error=False), "replace")
    err = _text(sys.stderr, _Kept(said, is_error=True), "backslashreplace")
    out.is_terminal = is_terminal(sys.stdout)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield said
        out.flush()
        err.flush()


def _text(like: TextIO | None, kept: _Kept, errors: str) -> _Text:
    encoding = like.encoding if like is not None else "utf-8"
    return _Text(io.BufferedWriter(kept), encoding, errors, write_through=True)


def _end_with_parent() -> None:
    """Have the kernel ask this process to stop when its parent ends, however that is."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
