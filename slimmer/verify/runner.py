"""One run: the program is started, watched while it answers, and ended with all it started."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from slimmer.errors import InputError
from slimmer.outputs.defer_signals import deferred_signals
from slimmer.sizes import size_text
from slimmer.verify import processes
from slimmer.verify.http_api import serving
from slimmer.verify.invocation_queue import InvocationQueue
from slimmer.verify.model import Event, Failure, Limits, Run
from slimmer.verify.rootfs import OPEN_FILES
from slimmer.verify.runtime_api import RuntimeApi
from slimmer.verify.sandboxes import Launch

HANG_S = 0.75  # after its last answer a function has to ask again, or Lambda would wait for it
_GRACE_S = 0.3  # to end by itself after it said that it cannot start
_STEP_S = 0.02
_OUTPUT_BYTES = 64 * 1024
_STUCK = 126, 127  # what a shell exits with that could not start a program

# What starts the function, inside: it says that the sandbox stands, and becomes the program.
# Its standard input is the pipe to say that on.
_STAGE = f'echo >&0; exec </dev/null; ulimit -c 0; ulimit -n {OPEN_FILES}; %sexec env -i "$@"'
_PROCESSES = "ulimit -u {0} 2>/dev/null || ulimit -p {0}; "  # the second is dash's


@dataclass(frozen=True)
class Start:
    """What a run starts from; ``cwd`` is the folder to start in where there is no sandbox."""

    launch: Launch
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: str


def run(start: Start, events: Sequence[Event], limits: Limits) -> Run:
    """Run a function until every event is answered or something went wrong."""
    queue = InvocationQueue(events)
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    routes = RuntimeApi(queue, limits.timeout_s, {}).routes()
    # An interrupt is asked for, not thrown: wherever it fell in, a process might be forgotten.
    with deferred_signals() as interrupted, serving(listener, routes):
        try:
            return _run(start, queue, limits, address, interrupted)
        finally:
            queue.close()


def _run(
    start: Start,
    queue: InvocationQueue,
    limits: Limits,
    address: str,
    interrupted: Callable[[], bool],
) -> Run:
    with _started(start, address) as job:
        failure = _watch(job, queue, limits, interrupted)
        end_s = queue.since_s
    output = job.output()
    asked, answered = queue.first_asked_s, queue.first_answered_s
    # On a busy machine the word that it began can be read after the function has asked.
    began = min(job.began_s or math.inf, asked or math.inf)
    if job.left and not failure:
        line = f"left {job.left} processes behind that could not be ended"
        failure = Failure("left-behind", line)
    return Run(
        invocations=queue.invocations,
        failure=failure,
        init_s=asked - began if asked else None,
        first_s=answered - began if answered else None,
        return_s=time.monotonic() - end_s if queue.all_answered and end_s else None,
        peak_bytes=job.watch.peak_bytes,
        processes=job.watch.most,
        output=output,
    )


class _Job:
    """A process that was started, its output, and the moment at which it began."""

    def __init__(self, process: subprocess.Popen[bytes], ready: int, depth: int) -> None:
        self.process = process
        self.watch = processes.Watch(process.pid, depth)
        self.began_s: float | None = None
        self.left = 0
        self._kept = bytearray()
        self._threads = [
            threading.Thread(target=self._await, args=(ready,), daemon=True),
            threading.Thread(target=self._read, args=(process.stdout,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def output(self) -> str:
        """Return the end of what the processes wrote."""
        for thread in self._threads:
            thread.join(_GRACE_S)
        return self._kept.decode("utf-8", "replace")

    def _await(self, ready: int) -> None:
        with os.fdopen(ready, "rb", buffering=0) as pipe:
            if pipe.read(1):
                self.began_s = time.monotonic()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := os.read(pipe.fileno(), 65536):
                self._kept += data
                del self._kept[:-_OUTPUT_BYTES]


@contextmanager
def _started(start: Start, address: str) -> Iterator[_Job]:
    processes.adopt_orphans()
    others = processes.children()
    ready, stage = os.pipe()
    variables = [f"{k}={v}" for k, v in {**start.env, "AWS_LAMBDA_RUNTIME_API": address}.items()]
    most = start.launch.processes
    stage_text = _STAGE % (_PROCESSES.format(most) if most else "")
    argv = [*start.launch.argv, "/bin/sh", "-c", stage_text, "sh", *variables, *start.command]
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own function is what is to run
            argv,
            stdin=stage,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=None if start.launch.is_apart else start.cwd,
            env={"PATH": os.defpath},
            start_new_session=True,
            **start.launch.options,
        )
    finally:
        os.close(stage)
    job = _Job(process, ready, start.launch.depth)
    try:
        yield job
    finally:
        job.left = processes.end(process, others)


def _watch(
    job: _Job, queue: InvocationQueue, limits: Limits, interrupted: Callable[[], bool]
) -> Failure | None:
    """Wait until the run is over; return what went wrong, if anything did."""
    begin_s = time.monotonic()
    while True:
        queue.wait(_STEP_S, lambda: bool(queue.failure or queue.asks_again))
        job.watch.look()
        if interrupted():
            return Failure("interrupted", "was interrupted")
        if queue.failure:
            _let_end(job)
            return queue.failure
        if queue.asks_again:
            job.watch.look(at_once=True)
            return _too_much(job, limits)
        failure = (
            _too_much(job, limits)
            or _ended(job, queue)
            or _too_long(queue, limits, job.began_s or begin_s)
        )
        if failure:
            return failure


def _let_end(job: _Job) -> None:
    """Give a function that gave up the time to say why."""
    try:
        job.process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        return


def _ended(job: _Job, queue: InvocationQueue) -> Failure | None:
    status = job.process.poll()
    if status is None:
        return None
    output = job.output()
    if job.began_s is None:
        raise InputError(f"the sandbox could not be made: {_last_line(output)}")
    if queue.is_answering:  # its end may be read before that of its answer
        queue.wait(_GRACE_S, lambda: queue.failure is not None)
        if queue.failure:
            return queue.failure
    return Failure("exited", _exit_line(status, queue))


def _too_much(job: _Job, limits: Limits) -> Failure | None:
    peak = job.watch.peak_bytes
    if peak <= limits.memory_bytes:
        return None
    allowed = limits.memory_bytes // 2**20
    line = f"used {size_text(peak)} of memory, and --memory is {allowed} MiB; Lambda would end it"
    return Failure("out-of-memory", line)


def _too_long(queue: InvocationQueue, limits: Limits, began_s: float) -> Failure | None:
    now_s = time.monotonic()
    since_s = queue.since_s
    if since_s is None:
        if now_s - began_s <= limits.init_s:
            return None
        line = f"did not ask for an event within {limits.init_s:g} s"
        return Failure("never-asked", line)
    if queue.current:
        if now_s - since_s <= limits.timeout_s:
            return None
        line = f"did not answer {queue.current} within {limits.timeout_s:g} s"
        return Failure("timed-out", line)
    patience_s = HANG_S if queue.all_answered else limits.timeout_s
    if now_s - since_s <= patience_s:
        return None
    answered = queue.last_answered
    line = f"answered {answered}, then did not ask for another within {patience_s:g} s"
    return Failure("hung-after-answer", f"{line}; Lambda would wait for it")


def _exit_line(status: int, queue: InvocationQueue) -> str:
    if status < 0 or status > 128:
        number = -status if status < 0 else status - 128
        try:
            how = f"was ended by {signal.Signals(number).name}"
        except ValueError:
            how = f"exited with code {status}"
    else:
        how = f"exited with code {status}"
    if queue.current:
        return f"{how} instead of answering {queue.current}"
    if queue.last_answered:
        return f"{how} after it had answered {queue.last_answered}"
    hint = "; something that it starts is not there" if status in _STUCK else ""
    return f"{how} before it asked for an event{hint}"


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "it did not say why"
