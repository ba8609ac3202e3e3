"""One run: the program is started, watched while it answers, and ended with all it started."""

from __future__ import annotations

import math
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from slimmer.errors import InputError
from slimmer.outputs.defer_signals import deferred_signals
from slimmer.sizes import size_text
from slimmer.verify.engines import connect
from slimmer.verify.extension_roll import SHUTDOWN_S, ExtensionRoll
from slimmer.verify.extensions_api import ExtensionsApi
from slimmer.verify.http_api import serving
from slimmer.verify.invocation_queue import InvocationQueue
from slimmer.verify.job import GRACE_S, Job, last_line, started
from slimmer.verify.lifecycle import Lifecycle
from slimmer.verify.model import Event, Failure, Limits, Run
from slimmer.verify.runtime_api import RuntimeApi
from slimmer.verify.sandboxes import Launch
from slimmer.verify.stage import EXTENSIONS, RUNTIME, START, STOP, Command
from slimmer.verify.telemetry import Telemetry

HANG_S = 0.75  # after its last answer a function has to ask again, or Lambda would wait for it
_STEP_S = 0.02
#: 128 and a signal, as shells say it; but nothing hangs up here, and Node's client exits with 129.
_HANGUP = 128 + signal.SIGHUP
_STUCK = 126, 127  # what a shell exits with that could not start a program
_API = "AWS_LAMBDA_RUNTIME_API"


@dataclass(frozen=True)
class Start:
    """What a run starts from; ``cwd`` is the folder to start in where there is no sandbox.

    ``extensions`` are the programs of external ones, by the names of their files. ``headers``
    come with each event.
    """

    launch: Launch
    runtime: Command
    extensions: Mapping[str, Command]
    cwd: str
    headers: Mapping[str, str]
    #: How long the runtime may take to end by itself; 0: nobody waits for it.
    end_s: float = 0.0

    @property
    def stays(self) -> bool:
        """Whether there is something to wait for when all is answered."""
        return bool(self.extensions or self.end_s)


@dataclass(frozen=True)
class _Course:
    """A run at work: the queue of its events, who attends to them, and its processes."""

    queue: InvocationQueue
    roll: ExtensionRoll
    telemetry: Telemetry
    lifecycle: Lifecycle
    limits: Limits
    job: Job
    begin_s: float
    end_s: float

    @property
    def began_s(self) -> float:
        """When the function began, or the sandbox where that is not known yet."""
        return self.job.began_s or self.begin_s

    @property
    def failure(self) -> Failure | None:
        """What the function or an extension did that was wrong."""
        return self.queue.failure or self.roll.failure

    @property
    def is_over(self) -> bool:
        """Whether every event is answered, and everyone waits for the next."""
        return self.queue.asks_again and self.roll.is_ready()


def run(start: Start, events: Sequence[Event], limits: Limits) -> Run:
    """Run a function until every event is answered or something went wrong."""
    # An interrupt is asked for, not thrown: wherever it fell in, a process might be forgotten.
    with deferred_signals() as interrupted, _course(start, events, limits) as course:
        failure = _watch(course, interrupted)
        warning = _shut_down(course) if failure is None and start.stays else ""
        course.telemetry.close()
    return replace(_result(course, failure), warnings=(warning,) if warning else ())


@contextmanager
def _course(start: Start, events: Sequence[Event], limits: Limits) -> Iterator[_Course]:
    """Start a function with its extensions and what serves them; end it all afterwards."""
    queue = InvocationQueue(events, limits.timeout_s)
    jobs: list[Job] = []
    telemetry = Telemetry(lambda port: connect(jobs[0].network, port))
    roll = ExtensionRoll(list(start.extensions), queue.changed)
    lifecycle = Lifecycle(roll, telemetry, limits.memory_bytes)
    queue.attendant = lifecycle
    container = start.launch.container
    address = container.address if container else ""
    listener = None if address else socket.create_server(("127.0.0.1", 0))
    address = address or f"127.0.0.1:{listener.getsockname()[1] if listener else 0}"
    runtime = _told(start.runtime, address)
    extensions = [_told(command, address) for command in start.extensions.values()]
    api = RuntimeApi(queue, start.headers)
    others = ExtensionsApi(roll, telemetry, runtime.env)
    tell = telemetry.tell if extensions else None
    begin_s = time.monotonic()
    with (
        serving([*api.routes(), *others.routes()]) as serve,
        # Closed once no process is left: a runtime logs that its request went unanswered.
        closing(queue),
        closing(roll),
        started(start.launch, start.cwd, runtime, extensions, tell, stays=start.stays) as job,
    ):
        queue.cpu_s = job.watch.cpu_s
        jobs.append(job)
        if listener:
            serve(listener)
        if container and (inner := job.enter(container)):
            serve(inner)
        job.tell(EXTENSIONS)
        yield _Course(queue, roll, telemetry, lifecycle, limits, job, begin_s, start.end_s)


def _told(command: Command, address: str) -> Command:
    return command._replace(env={**command.env, _API: address})


def _result(course: _Course, failure: Failure | None) -> Run:
    queue, job = course.queue, course.job
    output = job.output()
    end_s, asked, answered = queue.since_s, queue.first_asked_s, queue.first_answered_s
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
        init_cpu_s=queue.init_cpu_s,
        first_cpu_s=queue.first_cpu_s,
    )


def _watch(course: _Course, interrupted: Callable[[], bool]) -> Failure | None:
    """Wait until the run is over; return what went wrong, if anything did."""
    job = course.job
    is_told = False
    while True:
        course.queue.wait(_STEP_S, lambda: bool(course.failure or course.is_over))
        job.watch.look()
        if interrupted():
            return Failure("interrupted", "was interrupted")
        _note_ended(course, in_order=False)
        if course.failure:
            _let_end(job)
            return course.failure
        if course.is_over:
            job.watch.look(at_once=True)
            return _too_much(job, course.limits)
        if not is_told and course.roll.are_registered:
            is_told = True
            job.tell(START)
        failure = _too_much(job, course.limits) or _ended(course) or _too_long(course)
        if failure:
            return failure


def _shut_down(course: _Course) -> str:
    """End the runtime and then the extensions, as Lambda does; return a warning or nothing."""
    course.lifecycle.settle()
    course.telemetry.flush()
    course.job.tell(STOP)
    _wait(course.end_s or GRACE_S, lambda: RUNTIME in course.job.ended)
    course.roll.shut_down()

    def are_gone() -> bool:
        _note_ended(course, in_order=True)
        return not course.roll.stayed

    _wait(SHUTDOWN_S, are_gone)
    if not course.roll.stayed:
        return ""
    line = f"the extension {course.roll.stayed} did not end within {SHUTDOWN_S:g} s of SHUTDOWN"
    return f"{line}; Lambda would kill it"


def _wait(most_s: float, is_done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + most_s
    while not is_done() and time.monotonic() < end_s:
        time.sleep(_STEP_S / 2)


def _note_ended(course: _Course, *, in_order: bool) -> None:
    for which, status in list(course.job.ended.items()):
        if which != RUNTIME:
            course.roll.ended(int(which), status, in_order=in_order)


def _let_end(job: Job) -> None:
    """Give a function that gave up the time to say why."""
    try:
        job.process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        return


def _ended(course: _Course) -> Failure | None:
    job, queue = course.job, course.queue
    status = job.process.poll()
    if status is None:
        status = job.ended.get(RUNTIME)
    if status is None:
        return None
    if job.process.poll() is not None and not job.has_begun():
        raise InputError(f"the sandbox could not be made: {last_line(job.output())}")
    if queue.current:  # its end may be seen before what it sent last
        queue.wait(GRACE_S, lambda: bool(queue.failure or not queue.current))
        if queue.failure:
            return queue.failure
    return Failure("exited", _exit_line(status, queue))


def _too_much(job: Job, limits: Limits) -> Failure | None:
    peak = job.watch.peak_bytes
    if peak <= limits.memory_bytes:
        return None
    allowed = limits.memory_bytes // 2**20
    line = f"used {size_text(peak)} of memory, and --memory is {allowed} MiB; Lambda would end it"
    return Failure("out-of-memory", line)


def _too_long(course: _Course) -> Failure | None:
    queue, limits = course.queue, course.limits
    now_s = time.monotonic()
    since_s = queue.since_s
    if since_s is None:
        if now_s - course.began_s <= limits.init_s:
            return None
        laggards = course.roll.laggards
        if laggards and (queue.first_asked_s or not course.roll.are_registered):
            return Failure("extension-hung", f"{laggards} within {limits.init_s:g} s")
        line = f"did not ask for an event within {limits.init_s:g} s"
        return Failure("never-asked", line)
    if queue.current:
        if now_s - since_s <= limits.timeout_s:
            return None
        line = f"did not answer {queue.current} within {limits.timeout_s:g} s"
        return Failure("timed-out", line)
    if queue.is_waiting:
        if now_s - since_s <= limits.timeout_s:
            return None
        return Failure("extension-hung", f"{course.roll.laggards} within {limits.timeout_s:g} s")
    patience_s = HANG_S if queue.all_answered else limits.timeout_s
    if now_s - since_s <= patience_s:
        return None
    answered = queue.last_answered
    line = f"answered {answered}, then did not ask for another within {patience_s:g} s"
    return Failure("hung-after-answer", f"{line}; Lambda would wait for it")


def _exit_line(status: int, queue: InvocationQueue) -> str:
    if status < 0 or status > _HANGUP:
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
