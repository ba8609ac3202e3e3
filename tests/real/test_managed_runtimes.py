"""`slim verify` starts functions of Python and Node.js as Lambda does, streams and all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Outcome, slim
from tests.support.trees import write_tree
from trees import aws, tools

pytestmark = pytest.mark.real

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
STARTS = {
    "app.py": """
import subprocess
def handler(event, context):
    names = ["python3", "python", "PYTHON", "./tool"]
    ask = ["-c", "import sys; print(sys.version_info[1], sys.executable)"]
    return [subprocess.check_output([name, *ask], text=True) for name in names]
""".replace("PYTHON", PYTHON),
    "tool": "#!/usr/bin/env python3\nimport sys\nprint(sys.version_info[1], sys.executable)\n",
    "app.js": """
const {execSync} = require("node:child_process");
const run = (line) => String(execSync(line));
const own = process.execPath;
exports.handler = async () => [run("node -p process.execPath"), run("./tool.mjs"), own];
""",
    "tool.mjs": "#!/usr/bin/env node\nconsole.log(process.execPath);\n",
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with an event, where any user may look."""
    write_tree(tmp_path, {"event.json": '{"name": "x"}'})
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def node() -> tuple[Path, str]:
    """Give a Node.js and the name of its runtime."""
    program = tools.node() / "node"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return program, f"nodejs{said.stdout.removeprefix('v').partition('.')[0]}.x"


def verify(work: Path, runtime: str, handler: str, *args: str) -> Outcome:
    given = ("--function", "fn", "--event", "event.json", "--json", "report.json")
    named = ("--runtime", runtime, "--handler", handler)
    return slim("verify", *given, *named, *args, cwd=work)


def event(work: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((work / "report.json").read_bytes())["run"]["events"][0]
    return loaded


def starts(work: Path) -> None:
    write_tree(work / "fn", STARTS)
    for name in ("tool", "tool.mjs"):
        (work / "fn" / name).chmod(0o755)


def test_a_python_function_starts_its_own_python(work: Path) -> None:
    starts(work)
    outcome = verify(work, PYTHON, "app.handler")
    assert outcome.code == 0, outcome.text
    minor = sys.version_info[1]
    folder = "/var/lang/bin"
    places = [f"{folder}/python3", f"{folder}/python", f"{folder}/{PYTHON}", f"{folder}/python3"]
    assert event(work)["answer"] == [f"{minor} {place}\n" for place in places]


IMPORTS = """
import awslambdaric
def handler(event, context):
    return awslambdaric.__file__.partition("/runtime/")[2]
"""


@pytest.mark.parametrize("sandbox", ["unshare", "none"])
@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_client_may_be_its_owners_alone(work: Path, sandbox: str, mode: int) -> None:
    write_tree(work / "fn", {"app.py": IMPORTS})
    shutil.copytree(aws.python_client(), work / "client")
    for path in (work / "client").rglob("*"):
        path.chmod(path.stat().st_mode & mode)
    outcome = verify(work, PYTHON, "app.handler", "--client", "client", "--sandbox", sandbox)
    assert outcome.code == 0, outcome.text
    assert event(work)["answer"] == "awslambdaric/__init__.py"


WRAP = """#!/bin/bash
export WRAPPED="$#"
args=("$@")
exec "${args[@]:0:$#-1}" OPTION "${args[@]: -1}"
"""
WRAPPED = """
import os, sys
def handler(event, context):
    return [os.environ["WRAPPED"], sys.dont_write_bytecode]
"""


def test_a_layers_wrapper_starts_a_function(work: Path) -> None:
    write_tree(work / "fn", {"app.py": WRAPPED})
    write_tree(work / "layer", {"wrap": WRAP.replace("OPTION", "-B")})
    (work / "layer" / "wrap").chmod(0o755)
    wrapped = ("layer", "--env", "AWS_LAMBDA_EXEC_WRAPPER=/opt/wrap")
    outcome = verify(work, PYTHON, "app.handler", *wrapped)
    assert outcome.code == 0, outcome.text
    assert event(work)["answer"] == ["2", True]
    gone = verify(work, PYTHON, "app.handler", "layer", "--env", "AWS_LAMBDA_EXEC_WRAPPER=/opt/x")
    assert gone.code == 5, gone.text
    assert "AWS_LAMBDA_EXEC_WRAPPER is /opt/x, and that is not there" in gone.out


@pytest.mark.parametrize("sandbox", ["unshare", "none"])
def test_a_node_function_starts_its_own_node(
    work: Path, node: tuple[Path, str], sandbox: str
) -> None:
    starts(work)
    given = ("--interpreter", str(node[0]), "--sandbox", sandbox)
    outcome = verify(work, node[1], "app.handler", *given)
    assert outcome.code == 0, outcome.text
    spawned, tool, own = event(work)["answer"]
    assert spawned.strip() == tool.strip() == own
    assert (own == "/var/lang/bin/node") == (sandbox == "unshare")


SHAPES = {
    "a.js": """
exports.fn = async () => () => 1;
exports.cyclic = async () => { const o = {}; o.o = o; return o; };
exports.keys = async (e, c) => Object.keys(c).sort();
exports.waits = (e, c, done) => {
  const o = {n: 0};
  setTimeout(() => { o.n = 5; }, 20);
  done(null, o);
};
exports.string = async () => { throw "why"; };
exports.self = async function () { return [this === globalThis, typeof this.handler]; };
exports.breaks = awslambda.streamifyResponse(async (e, stream) => {
  stream.write("part");
  stream.destroy();
});
exports.plain = 5;
exports.nested = {inner: {handler: async () => "nested"}};
""",
    "syntax.js": "exports.handler = async ( => 1\n",
    "missing.js": "require('nope');\n",
}
KEYS = (
    "awsRequestId callbackWaitsForEmptyEventLoop clientContext done fail functionName "
    "functionVersion getRemainingTimeInMillis identity invokedFunctionArn logGroupName "
    "logStreamName memoryLimitInMB succeed tenantId"
)
CANNOT = "said that it cannot start: "


@pytest.mark.parametrize(
    ("handler", "line"),
    [
        ("a.fn", "event.json: answered with an error: TypeError: Wrong arguments"),
        (
            "a.cyclic",
            "event.json: answered with an error: Error: Unable to stringify response body",
        ),
        ("a.string", "event.json: answered with an error: string: why"),
        ("a.plain", f"{CANNOT}Runtime.HandlerNotFound: a.plain is not a function"),
        ("a.breaks", "event.json: answered with an error: Runtime.UnhandledPromiseRejection: "),
        ("a.gone", f"{CANNOT}Runtime.HandlerNotFound: a.gone is undefined or not exported"),
        ("syntax.handler", f"{CANNOT}Runtime.UserCodeSyntaxError: SyntaxError: "),
        ("missing.handler", f"{CANNOT}Runtime.ImportModuleError: Error: Cannot find module 'nope'"),
    ],
)
def test_nodes_errors_are_awss(work: Path, node: tuple[Path, str], handler: str, line: str) -> None:
    write_tree(work / "fn", SHAPES)
    outcome = verify(work, node[1], handler, "--interpreter", str(node[0]))
    assert outcome.code == 5, outcome.text
    assert f"failed: {line}" in outcome.out


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        ("a.keys", KEYS.split()),
        ("a.waits", {"n": 5}),
        ("a.self", [False, "function"]),
        ("a.nested.inner.handler", "nested"),
    ],
)
def test_nodes_answers_are_awss(
    work: Path, node: tuple[Path, str], handler: str, answer: object
) -> None:
    write_tree(work / "fn", SHAPES)
    outcome = verify(work, node[1], handler, "--interpreter", str(node[0]))
    assert outcome.code == 0, outcome.text
    assert event(work)["answer"] == answer


def test_what_lambda_switches_off_is_off(work: Path, node: tuple[Path, str]) -> None:
    """Node.js 20 and 22 require no ES modules in Lambda, unless NODE_OPTIONS says so."""
    if node[1] not in ("nodejs20.x", "nodejs22.x"):
        pytest.skip("later versions do")
    write_tree(work / "fn", {"a.js": "exports.handler = async () => require('./b.mjs').b;\n"})
    write_tree(work / "fn", {"b.mjs": "export const b = 1;\n"})
    off = verify(work, node[1], "a.handler", "--interpreter", str(node[0]))
    assert "answered with an error: Error: require() of ES Module" in off.out, off.text
    options = ("--env", "NODE_OPTIONS=--experimental-require-module")
    on = verify(work, node[1], "a.handler", "--interpreter", str(node[0]), *options)
    assert (on.code, event(work)["answer"]) == (0, 1), on.text


STREAMS = """
const {HttpResponseStream, streamifyResponse} = awslambda;
const {setTimeout} = require("node:timers/promises");
exports.plain = streamifyResponse(async (event, stream) => {
  stream.write("one ");
  await setTimeout(5);
  stream.end("two BODY");
});
exports.head = streamifyResponse(async (event, stream) => {
  stream = HttpResponseStream.from(stream, {statusCode: 201, headers: {a: "b"}});
  stream.write("BODY");
  stream.end();
});
exports.broken = streamifyResponse(async (event, stream) => {
  stream = HttpResponseStream.from(stream, {statusCode: 200});
  stream.write("BODY");
  await setTimeout(5);
  throw new RangeError("after the head");
});
"""


HEAD = {"statusCode": 201, "headers": {"a": "b"}}


@pytest.mark.parametrize(
    ("handler", "head", "body"), [("plain", None, "one two BODY"), ("head", HEAD, "BODY")]
)
def test_a_streamed_answer_is_compared(
    work: Path, node: tuple[Path, str], handler: str, head: object, body: str
) -> None:
    write_tree(work / "fn", {"a.js": STREAMS})
    write_tree(work / "other", {"a.js": STREAMS.replace("BODY", "body")})
    given = ("--interpreter", str(node[0]), "--against")
    same = verify(work, node[1], f"a.{handler}", *given, "fn")
    assert same.code == 0, same.text
    seen = event(work)
    assert (seen["streamed"], seen["head"], seen["answer"]) == (True, head, body)
    assert verify(work, node[1], f"a.{handler}", *given, "other").code == 5


def test_an_error_after_the_head_of_a_stream_fails(work: Path, node: tuple[Path, str]) -> None:
    write_tree(work / "fn", {"a.js": STREAMS})
    outcome = verify(work, node[1], "a.broken", "--interpreter", str(node[0]))
    assert outcome.code == 5, outcome.text
    assert event(work)["head"] == {"statusCode": 200}
    assert "RangeError: after the head" in outcome.out


def test_an_error_after_the_head_of_a_stream_is_compared(
    work: Path, node: tuple[Path, str]
) -> None:
    """The same error proves little, and an original that ends its stream proves it wrong."""
    write_tree(work / "fn", {"a.js": STREAMS})
    write_tree(work / "head", {"a.js": STREAMS.replace("statusCode: 200", "statusCode: 202")})
    write_tree(work / "late", {"a.js": STREAMS.replace("after the head", "otherwise")})
    write_tree(work / "whole", {"a.js": STREAMS.replace("throw new RangeError", "stream.end")})
    given = ("--interpreter", str(node[0]), "--against")
    same = verify(work, node[1], "a.broken", *given, "fn")
    assert same.code == 0, same.text
    said = "broke its stream off with an error: RangeError: after the head"
    assert f"warn: event.json: {said}, as the original does; " in same.out
    assert event(work)["error_after"]["errorType"] == "RangeError"
    for other, place in (
        ("head", ".head.statusCode: expected 202, got 200"),
        ("late", '.error: expected "RangeError: otherwise", got "RangeError: after the head"'),
        ("whole", '.error: expected not there, got "RangeError: after the head"'),
    ):
        outcome = verify(work, node[1], "a.broken", *given, other)
        assert outcome.code == 5, outcome.text
        assert place in outcome.out, outcome.text
