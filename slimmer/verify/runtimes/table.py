"""The managed runtimes that can be run here, one row each."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.verify.model import RunSpec
from slimmer.verify.runtimes import java, node, python
from slimmer.verify.runtimes.program import Asked, Program


@dataclass(frozen=True)
class Runtime:
    """A family of runtimes: what their names look like, and how their functions start."""

    #: How people write it.
    name: str
    #: What matches its names; the group is the version.
    pattern: str
    #: What a handler looks like, and an example.
    handler: str
    example: str
    #: Returns what starts a function; raises UsageError where something is missing.
    start: Callable[[Asked], Program]


RUNTIMES = (
    Runtime("python3.X", r"python(3\.\d+)", r".*[^./]\.[^./]+", "app.handler", python.start),
    Runtime("nodejsX.x", r"nodejs(\d+)\.x", r"(.*/)?[^./]+\.[^/]+", "app.handler", node.start),
    Runtime(
        "javaX",
        r"java(\d+)",
        r"[\w$]+(\.[\w$]+)*(::[\w$]+)?",
        "example.Handler::handleRequest",
        java.start,
    ),
)


def can_start(runtime: str) -> bool:
    """Return whether functions of a managed runtime can be started here."""
    return any(re.fullmatch(row.pattern, runtime) for row in RUNTIMES)


def prepare(spec: RunSpec, dest: Path) -> Program | None:
    """Return what starts a function of a managed runtime; None where it has a bootstrap.

    ``dest`` is a folder to be made, for what belongs in /var/runtime. Raises UsageError for
    a runtime that cannot be had here, saying what would help.
    """
    dest.mkdir()
    _check_paths(spec)
    runtime = spec.runtime
    if not runtime or runtime.startswith("provided"):
        return None
    for row in RUNTIMES:
        found = re.fullmatch(row.pattern, runtime)
        if found:
            _check_handler(spec, row)
            asked = Asked(
                runtime=runtime,
                version=found[1],
                handler=spec.handler,
                memory_bytes=spec.memory_bytes,
                dest=dest,
                # A name alone would be looked for on PATH.
                interpreter=str(Path(spec.interpreter).absolute()) if spec.interpreter else "",
                client=spec.client,
                env=spec.env,
            )
            return row.start(asked)
    names = ", ".join(row.name for row in RUNTIMES)
    raise UsageError(
        f"--runtime {runtime}: only provided.*, {names} can be run here; others run by a "
        "bootstrap of their own"
    )


def _check_handler(spec: RunSpec, row: Runtime) -> None:
    if not spec.handler:
        raise UsageError(f"--runtime {spec.runtime} needs --handler, such as {row.example}")
    if not re.fullmatch(row.handler, spec.handler):
        raise UsageError(
            f"--handler {spec.handler}: {spec.runtime} takes one such as {row.example}"
        )


def _check_paths(spec: RunSpec) -> None:
    if (spec.interpreter or spec.client) and (
        not spec.runtime or spec.runtime.startswith("provided")
    ):
        option = "--interpreter" if spec.interpreter else "--client"
        raise UsageError(f"{option} is for a managed runtime; name one with --runtime, or leave it")
    if spec.interpreter and not os.access(spec.interpreter, os.X_OK):
        raise UsageError(f"--interpreter {spec.interpreter}: no program; name one that is there")
    if spec.client and not Path(spec.client).is_dir():
        raise UsageError(f"--client {spec.client}: no folder; name the one that holds the client")
