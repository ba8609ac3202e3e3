"""What `slim verify` adds to a run of a function, beside AWS's emulator, which runs it as it is."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.timing import command, seconds
from slimmer.verify.model import ArtifactRef, Bounds, Event, Job, Limits, RunSpec
from slimmer.verify.proof import prove
from tests.support.functions import ECHO
from trees import aws

PAIRS = 15
_EVENT = b'{"a": 1}'
_PYTHON = "def handler(event, context):\n    return event\n"
_VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
_LEAST_S = 0.005


def main() -> None:
    emulator = str(aws.emulator())
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        folder = Path(scratch).resolve()
        (folder / "event.json").write_bytes(_EVENT)
        for name, runtime in (("bootstrap", ""), ("app.py", f"python{_VERSION}")):
            function = folder / name.partition(".")[0]
            function.mkdir()
            (function / name).write_text(_PYTHON if runtime else ECHO)
            (function / name).chmod(0o755)
            client = [sys.executable, "-m", "awslambdaric", "app.handler"]
            starts = client if runtime else [str(function / name)]
            measure(runtime or "a bootstrap", folder, function, runtime, [emulator, *starts])


def measure(
    title: str, folder: Path, function: Path, runtime: str, emulated: Sequence[str]
) -> None:
    """Print medians of pairs: the proof in a process that runs, and the whole command."""
    event = folder / "event.json"
    memory_bytes = 1 << 30
    spec = RunSpec(
        layers=(),
        function=ArtifactRef(str(function)),
        bounds=Bounds(250_000_000, 1_000),
        runtime=runtime,
        handler="app.handler",
        memory_bytes=memory_bytes,
        env={},
        sandbox=None,
    )
    job = Job(spec, (Event(event.name, _EVENT),), Limits(30, 10, memory_bytes))

    def ours() -> None:
        proof = prove(job, lambda _: None)
        if not proof.passed:
            raise SystemExit(f"{title}: {proof.run.failure}")

    whole = ["slim", "verify", "--function", str(function), "--event", str(event)]
    whole += ["--runtime", runtime, "--handler", "app.handler"] if runtime else []
    whole[0] = str(Path(sys.executable).with_name("slim"))
    runs = [_three(ours, command(whole), function, emulated) for _ in range(PAIRS + 1)][1:]
    for what, at in (("verify", 0), ("the command slim verify", 1)):
        wall = sorted(run[at][0] - run[2][0] for run in runs)
        cpu = statistics.median(run[at][1] - run[2][1] for run in runs)
        print(
            f"{what}, {title}: {statistics.median(wall):.3f} s more than AWS's emulator "
            f"({wall[0]:.3f} to {wall[-1]:.3f}, {PAIRS} pairs), CPU {cpu:.3f} s more"
        )


def _three(
    ours: Callable[[], object],
    whole: Callable[[], object],
    function: Path,
    emulated: Sequence[str],
) -> tuple[tuple[float, float], ...]:
    return _spent(ours), _spent(whole), _spent(lambda: _emulate(function, emulated))


def _spent(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that a call takes, and those of the processor, all processes together."""
    before = os.times()
    wall = seconds(run)
    after = os.times()
    return wall, sum(after[:4]) - sum(before[:4])


def _emulate(function: Path, argv: Sequence[str]) -> None:
    """Start the emulator, send the event as soon as it listens, and end it after the answer."""
    ports = [_port(), _port()]
    options = ("--runtime-interface-emulator-address", "--runtime-api-address")
    named = [f"127.0.0.1:{port}" for port in ports]
    given = [word for pair in zip(options, named, strict=True) for word in pair]
    with subprocess.Popen(
        [argv[0], "--log-level", "error", *given, *argv[1:]],
        cwd=function,
        env={**os.environ, "LAMBDA_TASK_ROOT": str(function), "PYTHONPATH": str(function)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        connection = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=20)
        while connection.sock is None:
            try:
                connection.connect()
            except ConnectionRefusedError:
                time.sleep(_LEAST_S)
        connection.request("POST", "/2015-03-31/functions/function/invocations", _EVENT)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        _end(process.pid)
    if answer != json.loads(_EVENT):
        raise SystemExit(f"the emulator answered {answer}")


def _end(emulator: int) -> None:
    """End the emulator and what it started, which would go on to ask it for events."""
    threads = Path(f"/proc/{emulator}/task").glob("*/children")  # any of which may have started it
    started = [pid for thread in threads for pid in thread.read_text().split()]
    for pid in (emulator, *map(int, started)):
        os.kill(pid, signal.SIGKILL)


def _port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
