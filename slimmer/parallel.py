"""How many cores there are to work with, and a second process to work on them.

No result may depend on either.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
U = TypeVar("U")

_WORTH_BYTES = 4_000_000  # which this process unpacks in the time that a fork takes
_SHARE: ContextVar[int | None] = ContextVar("share", default=None)
_PARTS = 64  # in which work is dealt out, so that both processes end at about the same time


def available_cores() -> int:
    """Return how many cores this process may use."""
    there = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        there = len(os.sched_getaffinity(0))
    return min(there, _SHARE.get() or there)


def share_cores(most: int) -> None:
    """Have this process use no more cores than these: others work beside it."""
    _SHARE.set(most)


def may_fork() -> bool:
    """Return whether a second process is of use, and safe to be forked."""
    return hasattr(os, "fork") and available_cores() > 1 and threading.active_count() == 1


def shared(costs: Sequence[int], work: Callable[[int], T]) -> list[T]:
    """Return what ``work`` says of each number below ``len(costs)``, in their order.

    ``costs`` are the bytes that are unpacked in the time that each takes. What ``work`` says is
    made of plain values: numbers, texts, tuples, lists. The costly numbers come first. Where
    there is a second core, and enough to do, a forked child takes its part of them.
    """
    return shared_with(costs, work, lambda: None)[0]


def shared_with(
    costs: Sequence[int], work: Callable[[int], T], rest: Callable[[], U]
) -> tuple[list[T], U]:
    """Return what ``shared`` does, and what ``rest`` does, which this process does meanwhile."""
    numbers = sorted(range(len(costs)), key=lambda number: -costs[number])
    if sum(costs) < _WORTH_BYTES or not may_fork():
        done = {number: work(number) for number in numbers}
        return [done[number] for number in range(len(costs))], rest()
    reading, writing = os.pipe()
    os.write(writing, bytes(range(_PARTS)))
    os.close(writing)

    def take(is_wanted: Callable[[], bool]) -> dict[int, T]:
        taken: dict[int, T] = {}
        while is_wanted() and (part := os.read(reading, 1)):
            taken.update((number, work(number)) for number in numbers[part[0] :: _PARTS])
        return taken

    try:
        with forked(take, keep=(reading,)) as child:
            other = rest()
            done = take(lambda: True)
            done |= cast("dict[int, T]", child.result() or {})
    finally:
        os.close(reading)
    return [done[number] if number in done else work(number) for number in range(len(costs))], other


class Child:
    """A forked process that works, and writes what came of it into a pipe."""

    def __init__(self, pid: int, pipe: int, *, gently: bool):
        self._pid = pid
        self._pipe = pipe
        self._signal = signal.SIGTERM if gently else signal.SIGKILL
        self._is_over = False

    def fileno(self) -> int:
        """Return the handle that can be read once something came of the work."""
        return self._pipe

    def result(self) -> object:
        """Return what came of the work, or None if it did not come to an end."""
        with os.fdopen(os.dup(self._pipe), "rb") as stream:
            data = stream.read()
        self._is_over = True
        try:
            return cast("object", marshal.loads(data))  # noqa: S302 - written by our own child
        except (EOFError, ValueError, TypeError):
            return None

    def end(self) -> None:
        """See that nothing of the child is left."""
        os.close(self._pipe)
        with contextlib.suppress(ProcessLookupError):
            if not self._is_over:
                os.kill(self._pid, self._signal)
        os.waitpid(self._pid, 0)


@contextlib.contextmanager
def forked(
    work: Callable[[Callable[[], bool]], object],
    keep: Collection[int] = (),
    *,
    gently: bool = False,
) -> Iterator[Child]:
    """Fork a child that works; it is gone when the block is left.

    ``work`` gives plain values. It is given what says whether anybody still waits for them, and
    has the handles of ``keep``. A child that is not done by then is killed or, where it has to
    take back what is half done, ``gently`` asked to stop.
    """
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _keep_only({writing, *keep})
            result = marshal.dumps(cast("Any", work(lambda: os.getppid() == parent)))
            with os.fdopen(writing, "wb") as stream:
                stream.write(result)
        finally:
            os._exit(0)
    os.close(writing)
    child = Child(pid, reading, gently=gently)
    try:
        yield child
    finally:
        child.end()


def _keep_only(handles: Collection[int]) -> None:
    """Close all other handles: who waits for the end of a stream waits for the parent alone.

    Once the parent is gone nothing else reads the pipe, and writing into it ends the child.
    """
    start = 0
    for handle in sorted(handles):
        if start < handle:  # closerange(0, 0) closes all there are
            os.closerange(start, handle)
        start = handle + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))
