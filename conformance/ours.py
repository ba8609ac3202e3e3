"""Runs a shape under `slim verify`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from conformance.outcome import EXTENSION, Outcome, answered, failed, said
from conformance.shapes import Shape, Trees, write

_CANNOT_START = "said that it cannot start: "


class Runtime(NamedTuple):
    """What slim runs a shape by: --runtime, the folder of its interpreter, and of its client."""

    name: str
    path: Path | None
    client: Path | None


def outcomes(shape: Shape, trees: Trees, runtime: Runtime, scratch: Path) -> list[Outcome]:
    """Run a shape and return what came of its events, up to the first that ended the process."""
    function = trees.function or write(shape.files, scratch / "task")
    args = ["--function", str(function), "--runtime", runtime.name]
    args += [str(trees.layer)] if trees.layer else []
    args += ["--client", str(runtime.client)] if runtime.client else []
    for at, files in enumerate(shape.layers):
        args.append(str(write(files, scratch / f"layer{at}")))
    for at, event in enumerate(shape.events):
        (scratch / f"{at}.json").write_text(event, "utf-8")
        args += ["--event", str(scratch / f"{at}.json")]
    for name, value in shape.env.items():
        args += ["--env", f"{name}={value}"]
    carried = {"client-context": shape.client_context, "cognito-identity": shape.identity}
    for name, text in carried.items():
        (scratch / f"{name}.json").write_text(text, "utf-8")
        args += [f"--{name}", str(scratch / f"{name}.json")] if text else []
    if shape.handler:
        args += ["--handler", shape.handler]
    args += ["--timeout", str(shape.timeout_s), "--json", str(scratch / "report.json")]
    first = f"{runtime.path}:" if runtime.path else ""
    env = {**os.environ, "PATH": first + os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-m", "slimmer", "verify", *args],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (scratch / "slim.log").write_text(done.stdout + done.stderr)
    if done.returncode not in (0, 5):
        return [Outcome("unanswered", done.stderr.strip())]
    return read(json.loads((scratch / "report.json").read_bytes())["run"])


def read(run: dict[str, Any]) -> list[Outcome]:
    """Return the outcomes in the part of a report that is about a run."""
    found = []
    for event in run["events"]:
        if event["answered"] is None:
            break
        found.append(_answer(event))
    trouble = run["trouble"]
    if trouble is None or len(found) == len(run["events"]):
        return found  # what comes after the last answer the emulator shows in its log alone
    if trouble["code"] == "init-error":
        outcome = said(trouble["message"].removeprefix(_CANNOT_START))
        return [outcome] * len(run["events"])  # the emulator starts it anew for each, in vain
    if trouble["code"].startswith("extension-"):
        return [*found, Outcome("exited", EXTENSION)]
    if trouble["code"] == "exited":
        return [*found, Outcome("exited", _how(trouble["message"]))]
    if trouble["code"] == "timed-out":
        return [*found, Outcome("timed out")]
    return [*found, Outcome("unanswered", trouble["message"])]


def _answer(event: dict[str, Any]) -> Outcome:
    value = event["answer"]
    if event["answered"] == "error":
        return failed((value if isinstance(value, str) else json.dumps(value)).encode())
    after = event["error_after"] or {}
    shown = value if isinstance(value, str) else json.dumps(value)
    return answered(event["sha256"], shown, after.get("errorType", ""))


def _how(message: str) -> str:
    ended = re.search(r"was ended by (SIG\w+)", message)
    if ended:
        number = signal.Signals[ended[1]]
        return f"signal: {signal.strsignal(number)}".lower()
    code = re.search(r"exited with code (\d+)", message)
    return f"exit status {code[1]}" if code else message
