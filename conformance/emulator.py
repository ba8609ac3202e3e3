"""Runs a shape under AWS's Runtime Interface Emulator, with AWS's client, laid out as in Lambda."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import re
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from conformance.outcome import EXTENSION, Outcome, answered, failed
from conformance.shapes import Shape, Trees, write
from trees import aws, tools

_RIE = "/var/rie/aws-lambda-rie"
_OF_ERRORS = {"errorType", "errorMessage", "stackTrace", "trace", "cause", "requestId"}
_USER, _GROUP = "993", "990"  # sbx_user1051
_START_S = 60
_PORTS = range(20_000, 32_000)
_FIRST = _PORTS.start + 2 * os.getpid() % len(_PORTS)  # other processes ask as well
_ASKED = itertools.cycle((*range(_FIRST, _PORTS.stop), *range(_PORTS.start, _FIRST)))
_ASKING = Lock()
_LOG = "emulator.log"
_TRIES = 3
_TOO_EARLY = re.compile(r"Connection ?refused.*Init failed", re.IGNORECASE | re.DOTALL)
_HEADERS = {"Content-Type": "application/json"}

# Lambda Developer Guide, "Defined runtime environment variables".
_ENV = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "key",
    "AWS_SESSION_TOKEN": "key",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "slim-verify",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LANG": "en_US.UTF-8",
    "LD_LIBRARY_PATH": "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:"
    "/var/task:/var/task/lib:/opt/lib",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "TZ": ":UTC",
}


class Runtime(NamedTuple):
    """What Lambda has for a language: what is started, and what lies where."""

    #: ``{handler}`` stands for the shape's.
    command: tuple[str, ...]
    env: Mapping[str, str]
    #: What lies at /var/runtime and the like.
    mounts: Mapping[str, Path]


def outcomes(shape: Shape, trees: Trees, runtime: Runtime, scratch: Path) -> list[Outcome]:
    """Run a shape and return what came of its events, up to the first that ended the process.

    On a busy machine the emulator can start a runtime before it listens; then it is run again.
    """
    for at in range(_TRIES):
        folder = scratch / str(at)
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        found = _outcomes(shape, trees, runtime, folder)
        log = (folder / _LOG).read_text("utf-8", "replace")
        (scratch / _LOG).write_text(log, "utf-8")
        if not _TOO_EARLY.search(log):
            break
    return found


def _outcomes(shape: Shape, trees: Trees, runtime: Runtime, scratch: Path) -> list[Outcome]:
    found = []
    with _started(shape, trees, runtime, scratch) as port:
        for event in shape.events:
            found.append(_invoke(port, event, shape))
            if found[-1].kind not in ("answered", "failed"):
                break
    if found[-1].kind == "unanswered":
        found[-1] = _init_failed((scratch / _LOG).read_text("utf-8", "replace")) or found[-1]
    return found


def _init_failed(log: str) -> Outcome | None:
    """Return how the function or an extension ended before the first event: a line of the log."""
    line = re.search(r"Init failed .*", log)
    if line is None:
        return None
    how = re.search(r"error=(Runtime exited with error: )?((exit status|signal:) \w+)", line[0])
    if how is None or how[1]:
        return Outcome("exited", _how(line[0]))
    return Outcome("exited", EXTENSION)


@contextmanager
def _started(shape: Shape, trees: Trees, runtime: Runtime, scratch: Path) -> Iterator[int]:
    port, api = _free_ports()
    mounts = {
        **runtime.mounts,
        "/var/task": trees.function or write(shape.files, scratch / "task"),
        "/opt": trees.layer or write(_merged(shape), scratch / "opt"),
    }
    rie = [_RIE, "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    rie += ["--runtime-api-address", f"127.0.0.1:{api}", "--log-level", "error"]
    command = [part.format(handler=shape.handler) for part in runtime.command]
    timeout = {"AWS_LAMBDA_FUNCTION_TIMEOUT": str(shape.timeout_s), "_HANDLER": shape.handler}
    env = {**_ENV, **timeout, **runtime.env, **shape.env}
    argv = [*_sandbox(mounts), *(f"{name}={value}" for name, value in env.items()), *rie, *command]
    with (scratch / _LOG).open("wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _await(port, process, scratch / _LOG)
        yield port
    finally:
        process.kill()  # the first process of its namespace, so all others go too
        process.wait()


def _merged(shape: Shape) -> dict[str, str]:
    return {name: text for layer in shape.layers for name, text in layer.items()}


def _sandbox(mounts: Mapping[str, Path]) -> list[str]:
    """Return what starts a program as Lambda's user in Lambda's file system, variables next."""
    binds = [word for place, path in mounts.items() for word in ("--ro-bind", str(path), place)]
    rie = ["--ro-bind", str(aws.emulator()), _RIE]
    bwrap = [str(tools.bubblewrap() / "bwrap"), "--die-with-parent", "--unshare-pid"]
    bwrap += ["--unshare-user", "--uid", _USER, "--gid", _GROUP]
    folders = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/var"]
    return [*bwrap, *folders, *rie, *binds, "--tmpfs", "/tmp", "--chdir", "/var/task", "env", "-i"]  # noqa: S108


def _free_ports() -> tuple[int, int]:
    """Return two ports below those that the kernel hands out, other ones for each run."""
    with _ASKING:
        free = filter(_is_free, _ASKED)
        return next(free), next(free)


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the emulator does not start: {log.read_text('utf-8', 'replace')}")


def _invoke(port: int, event: str, shape: Shape) -> Outcome:
    timeout_s = shape.timeout_s + _START_S
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    way = "/2015-03-31/functions/function/invocations"
    headers = dict(_HEADERS)
    if shape.client_context:
        headers["X-Amz-Client-Context"] = b64encode(shape.client_context.encode()).decode()
    if shape.identity:
        headers["X-Amz-Cognito-Identity"] = shape.identity
    try:
        connection.request("POST", way, event.encode(), headers)
        reply = connection.getresponse()
        return outcome(reply.status, reply.read())
    except (OSError, http.client.HTTPException) as error:
        return Outcome("unanswered", type(error).__name__)
    finally:
        connection.close()


def outcome(status: int, body: bytes) -> Outcome:
    """Return what an answer of the emulator's means; it tells errors by their body alone."""
    if re.fullmatch(rb"Task timed out after [\d.]+ seconds", body):
        return Outcome("timed out")
    try:
        error = json.loads(body)
    except ValueError:
        error = None
    if isinstance(error, dict) and "errorMessage" in error and error.keys() <= _OF_ERRORS:
        if error.get("errorType") == "Extension.Crash":
            return Outcome("exited", EXTENSION)
        if error.get("errorType") == "Runtime.ExitError":
            return Outcome("exited", _how(str(error["errorMessage"])))
        return failed(body)
    if status != http.client.OK:
        return Outcome("unanswered", str(status))
    return answered(hashlib.sha256(body).hexdigest(), body.decode("utf-8", "backslashreplace"))


def _how(message: str) -> str:
    found = re.search(r"exit status \d+|signal: [\w ]+", message)
    return found[0].rstrip() if found else "exit status 0"
