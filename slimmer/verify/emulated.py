"""The other way of an image's entry script: without the Runtime API, under AWS's emulator in it.

Many a script looks for ``AWS_LAMBDA_RUNTIME_API``, and starts the emulator around itself where that
is not set, as on a developer's machine. The emulator listens on port 8080, in a network of its own
here, and takes events by HTTP ("Using the AWS Lambda Runtime Interface Emulator").
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from slimmer.inputs import image_programs
from slimmer.model.started import ENGINE_PATH
from slimmer.outputs.defer_signals import deferred_signals
from slimmer.text import printable
from slimmer.verify import processes
from slimmer.verify.image_root import ImageRoot
from slimmer.verify.image_start import image_command
from slimmer.verify.job import Job as Started
from slimmer.verify.job import last_line, started
from slimmer.verify.model import Answer, Event, Failure, Invocation, Job, Run
from slimmer.verify.sandboxes import Launch
from slimmer.verify.stage import Command

_PORT = 8080
_WAY = "/2015-03-31/functions/function/invocations"
_STEP_S = 0.05
_TRIES = 3
_TIMED_OUT = re.compile(rb"Task timed out after [\d.]+ seconds")
_OF_ERRORS = {"errorType", "errorMessage", "stackTrace", "trace", "cause", "requestId"}


def run_emulated(root: ImageRoot, launch: Launch, job: Job) -> Run:
    """Run a job's events under the emulator of an image, in a launch with a network of its own."""
    for _ in range(_TRIES):
        found = _run(root, launch, job)
        if not found.failure or not _was_too_early(found.output):
            break
    return found


def _was_too_early(output: str) -> bool:
    """Return whether the emulator started the function before it listened, on a busy machine."""
    said = output.lower()
    at = said.find("refused")
    return at >= 0 and "init failed" in said[at:]


def _run(root: ImageRoot, launch: Launch, job: Job) -> Run:
    own = image_programs.started(root.source).variables
    env = {"HOME": "/", "PATH": ENGINE_PATH, **own, **job.spec.env}
    command = Command(image_command(root, job.spec.handler), env)
    with (
        deferred_signals() as interrupted,
        started(launch, root.folder, command, (), None, stays=False) as process,
    ):
        invocations: list[Invocation] = []
        failure = _until_it_listens(process, job.limits.init_s, interrupted)
        for event in job.events:
            if failure is None:
                answer, seconds, failure = _asked(process, event, job, interrupted)
                invocations.append(Invocation(event.name, answer, seconds))
            else:
                invocations.append(Invocation(event.name))
        process.watch.look(at_once=True)
    return Run(
        invocations=tuple(invocations),
        failure=failure,
        peak_bytes=process.watch.peak_bytes,
        processes=process.watch.most,
        output=process.output(),
    )


def _until_it_listens(
    process: Started, most_s: float, interrupted: Callable[[], bool]
) -> Failure | None:
    end_s = time.monotonic() + most_s
    while time.monotonic() < end_s:
        if interrupted():
            return Failure("interrupted", "was interrupted")
        if process.process.poll() is not None:
            line = f"ended before it took an event: {last_line(process.output())}"
            return Failure("exited", line)
        with contextlib.suppress(OSError), _connection(process.process.pid):
            return None
        time.sleep(_STEP_S)
    return Failure("never-asked", f"did not listen on port {_PORT} within {most_s:g} s")


def _asked(
    process: Started, event: Event, job: Job, interrupted: Callable[[], bool]
) -> tuple[Answer | None, float, Failure | None]:
    """Return the answer to an event, how long it took, and what went wrong, if anything did."""
    begin_s = time.monotonic()
    most_s = job.limits.timeout_s + job.limits.init_s  # the start comes with the first event
    got: list[bytes] = []

    def ask() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            got.append(_posted(process.process.pid, event.body, most_s))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_STEP_S)
        process.watch.look()
        if interrupted():
            return None, 0.0, Failure("interrupted", "was interrupted")
        if process.process.poll() is not None:
            thread.join(_STEP_S)
            break
    seconds = time.monotonic() - begin_s
    name = printable(event.name)
    if not got and process.process.poll() is None:
        line = f"did not answer {name} within {most_s:g} s"
        return None, seconds, Failure("timed-out", line)
    if not got:
        return None, seconds, Failure("exited", f"ended instead of answering {name}")
    failure = _failed(got[0], name)
    return (None if failure else _answer(got[0])), seconds, failure


def _failed(body: bytes, event: str) -> Failure | None:
    """Return what the emulator says of a function that did not answer."""
    if _TIMED_OUT.fullmatch(body):
        return Failure("timed-out", f"did not answer {event} in time")
    error = _error(body)
    if error.get("errorType") in ("Runtime.ExitError", "Extension.Crash"):
        said = str(error.get("errorMessage", "")).rpartition("Error: ")[2]
        return Failure("exited", f"ended instead of answering {event}: {said}")
    return None


def _answer(body: bytes) -> Answer:
    kind = "error" if _error(body) else "response"
    digest = hashlib.sha256(body).hexdigest()
    return Answer(kind, body, size_bytes=len(body), sha256=digest)  # type: ignore[arg-type]


def _error(body: bytes) -> dict[str, object]:
    """Return an error in Lambda's form, which the emulator tells by the body alone."""
    with contextlib.suppress(ValueError, RecursionError):
        error = json.loads(body)
        if isinstance(error, dict) and "errorMessage" in error and error.keys() <= _OF_ERRORS:
            return error
    return {}


def _posted(pid: int, body: bytes, most_s: float) -> bytes:
    with _connection(pid) as opened:
        opened.settimeout(most_s)
        connection = http.client.HTTPConnection("127.0.0.1", _PORT)
        connection.sock = opened
        connection.request("POST", _WAY, body, {"Content-Type": "application/json"})
        return connection.getresponse().read()


@contextlib.contextmanager
def _connection(pid: int) -> Iterator[socket.socket]:
    """Give a connection to the emulator, in the network of a process. Raises OSError."""
    script = str(Path(__file__).with_name("namespace_connect.py"))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        words = (_apart(pid), _PORT, theirs.fileno())
        done = subprocess.run(  # noqa: S603 - slim's own argv
            [sys.executable, "-I", "-S", script, *map(str, words)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise ConnectionError
        _, given, _, _ = socket.recv_fds(ours, 1, 1)
    with socket.socket(fileno=given[0]) as opened:
        yield opened


def _apart(pid: int) -> int:
    """Return a process at or below one that is in another network than this. Raises OSError."""
    here = os.readlink("/proc/self/ns/net")  # noqa: PTH115 - no file
    for each in processes.tree(pid):
        with contextlib.suppress(OSError):
            if os.readlink(f"/proc/{each}/ns/net") != here:  # noqa: PTH115
                return each
    raise ConnectionError
