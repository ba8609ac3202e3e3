"""A composite action's steps, run as GitHub's runner runs them: with bash, step after step.

What the runner does is in GitHub's "Metadata syntax" and "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.support.command import environment

REPOSITORY = Path(__file__).parents[2]
SUMMARY = "summary.md"
BIN = Path(sys.executable).parent
_COMMAND = re.compile(r"::(?P<name>[\w-]+)(?: (?P<properties>[^:]*))?::(?P<words>.*)")
_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


@dataclass
class Done:
    """What a run of the action leaves behind."""

    code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    annotations: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def of(self, command: str) -> list[tuple[dict[str, str], str]]:
        return [(given, words) for name, given, words in self.annotations if name == command]


class Place(NamedTuple):
    """Where a step runs: the checkout, RUNNER_TEMP, and the first folder of PATH."""

    workspace: Path
    temp: Path
    first: Path


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
    return loaded


def run(
    workspace: Path, temp: Path, inputs: Mapping[str, str], *, only: str = "", first: Path = BIN
) -> Done:
    """Run the action's steps, or ``only`` the one of that name, until one fails.

    ``inputs`` are those of ``with:``, ``temp`` is RUNNER_TEMP, and programs are looked for in
    ``first`` before all other folders.
    """
    document, done = action(), Done()
    assert set(inputs) <= set(document["inputs"])
    values = {
        f"inputs.{name}": inputs.get(name, spec["default"])
        for name, spec in document["inputs"].items()
    }
    values |= {"runner.temp": str(temp), "runner.os": "Linux"}
    summary = temp / SUMMARY
    summary.write_text("")
    for step in document["runs"]["steps"]:
        if only in ("", step["name"]):
            outputs = _step(step, values, Place(workspace, temp, first), done)
            values |= {f"steps.{step.get('id')}.outputs.{k}": v for k, v in outputs.items()}
        if done.code:
            break
    done.summary = summary.read_text("utf-8")
    done.outputs = {
        name: evaluated(spec["value"], values) for name, spec in document["outputs"].items()
    }
    return done


def _step(
    step: Mapping[str, Any], values: Mapping[str, str], place: Place, done: Done
) -> dict[str, str]:
    """Run one step, add to ``done`` what it said, and return its outputs."""
    if "uses" in step:  # another action, which only GitHub runs
        return {}
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "an input would be run as a script"
    temp = place.temp
    script, output = temp / "step.sh", temp / "output"
    script.write_text(step["run"])
    output.write_text("")
    env = {
        "PATH": f"{place.first}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTION_PATH": str(REPOSITORY),
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(temp / SUMMARY),
        "GITHUB_WORKSPACE": str(place.workspace),
        "RUNNER_TEMP": str(temp),
        "RUNNER_TOOL_CACHE": str(temp / "tools"),
        **{name: evaluated(value, values) for name, value in step.get("env", {}).items()},
    }
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=place.workspace / evaluated(step.get("working-directory", "."), values),
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    log = ended.stdout.decode("utf-8", "replace")
    done.code, done.log = ended.returncode, done.log + log
    done.annotations += _annotations(log)
    return _outputs(output.read_text("utf-8"))


def evaluated(text: str, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: values.get(found[1], ""), text)


def _annotations(log: str) -> list[tuple[str, dict[str, str], str]]:
    found, stopped = [], ""
    for line in log.splitlines():
        command = _COMMAND.fullmatch(line.lstrip())
        if command is None or (stopped and command["name"] != stopped):
            continue
        if stopped or command["name"] == "stop-commands":
            stopped = "" if stopped else command["words"]
            continue
        pairs = (pair.split("=", 1) for pair in (command["properties"] or "").split(",") if pair)
        given = {name: _plain(value) for name, value in pairs}
        found.append((command["name"], given, _plain(command["words"])))
    assert not stopped, "commands stay stopped for whatever comes after"
    return found


def _plain(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def _outputs(text: str) -> dict[str, str]:
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        assert mark, line
        value = []
        for inner in lines:
            if inner == end:
                break
            value.append(inner)
        outputs[name] = "\n".join(value)
    return outputs
