"""Extensions that people write: in Go, in Python, and that of a published package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real.need import absent
from tests.support.command import slim
from tests.support.trees import write_tree
from trees import node

pytestmark = [pytest.mark.real, pytest.mark.heavy]

GO = Path(__file__).parent / "extension_go"
SENTRY = "@sentry/aws-serverless@10.75.2"
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
HANDLER = b"def handler(event, context):\n    print('at work')\n    return event\n"
SPY = b"""#!/usr/bin/env python3
import json, os, pathlib, urllib.request

def call(method, path, body=None, **headers):
    data = json.dumps(body).encode() if body else None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2020-01-01/extension/{path}"
    with urllib.request.urlopen(urllib.request.Request(url, data, named, method=method)) as reply:
        return reply.headers, json.loads(reply.read())

name = pathlib.Path(__file__).name
headers, _ = call("POST", "register", {"events": ["INVOKE", "SHUTDOWN"]},
                  Lambda_Extension_Name=name)
event = {"eventType": ""}
while event["eventType"] != "SHUTDOWN":
    key = headers["Lambda-Extension-Identifier"]
    _, event = call("GET", "event/next", Lambda_Extension_Identifier=key)
    print("told of", event["eventType"], flush=True)
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"a.json": b'{"n": 1}', "function/app.py": HANDLER})
    return tmp_path


def run_of(work: Path, *args: str, runtime: str = PYTHON, handler: str = "app.handler") -> Any:
    """Build the layer, and run it beside what it was: each answers, and so do its extensions."""
    built = slim("build", "layer", "-o", "layer.zip", "--target", runtime, cwd=work, process=True)
    assert built.code == 0, built.text
    given = ("layer.zip", "--against", "layer", "--function", "function", "--event", "a.json")
    start = ("--runtime", runtime, "--handler", handler, "--json", "-")
    outcome = slim("verify", *given, *start, *args, cwd=work, process=True)
    assert outcome.code == 0, outcome.text
    return json.loads(outcome.out)


def test_one_in_go_is_told_of_events_and_sent_telemetry(work: Path) -> None:
    go = shutil.which("go")
    if go is None:
        absent("Go is not here")
    place = work / "layer/extensions/spy"
    env = {**os.environ, "CGO_ENABLED": "0"}
    subprocess.run([go, "build", "-o", str(place), "."], cwd=GO, env=env, check=True)
    output = run_of(work)["run"]["output"]
    assert "subscribed OK\n" in output
    assert '"eventType":"INVOKE"' in output
    assert "telemetry function at work\n" in output
    assert "telemetry platform.report " in output


def test_one_in_python_runs_on_the_runtimes_own(work: Path) -> None:
    write_tree(work / "layer", {"extensions/spy": SPY})
    (work / "layer/extensions/spy").chmod(0o755)
    output = run_of(work)["run"]["output"]
    assert output.splitlines() == ["at work", "told of INVOKE", "told of SHUTDOWN"]


def test_that_of_sentrys_package_runs_as_in_its_layer(work: Path) -> None:
    """It asks on after SHUTDOWN, until Lambda kills it, which is warned of."""
    package = node.layer(SENTRY) / "nodejs/node_modules/@sentry/aws-serverless"
    folder = work / "layer"
    for name, place in (("sentry-extension", "extensions"), ("index.mjs", "sentry-extension")):
        (folder / place).mkdir(parents=True)
        shutil.copyfile(package / "build/lambda-extension" / name, folder / place / name)
        (folder / place / name).chmod(0o755)
    write_tree(work, {"function/index.js": b"exports.handler = async (event) => event;\n"})
    program = str(node.home() / "bin/node")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    runtime = f"nodejs{version.stdout.lstrip('v').partition('.')[0]}.x"
    args = ("--interpreter", program, "--env", "SENTRY_DSN=http://key@127.0.0.1/1")
    report = run_of(work, *args, runtime=runtime, handler="index.handler")
    assert report["run"]["events"][0]["answer"] == {"n": 1}
    assert [line.partition(" did not end")[0] for line in report["warnings"]] == [
        "the extension sentry-extension"
    ]
