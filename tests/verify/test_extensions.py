"""Extensions of a layer: started as Lambda does, told of every event, and named when they fail."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Outcome, slim
from tests.support.functions import SPEAK, processes_with
from tests.support.trees import write_tree
from tests.support.zips import zip_of

# `ask METHOD PATH [BODY]` calls the Extensions API with nothing but bash; `ending` ends in order.
ASK = r"""#!/bin/bash
LC_ALL=C
name=${0##*/}
ask() {
  exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
  printf '%s /2020-01-01/extension/%s HTTP/1.1\r\nHost: api\r\nConnection: close\r\n' "$1" "$2" >&3
  printf 'Lambda-Extension-Name: %s\r\nLambda-Extension-Identifier: %s\r\n' "$name" "$key" >&3
  printf 'Lambda-Extension-Function-Error-Type: Ext.Why\r\n' >&3
  printf 'Content-Length: %d\r\n\r\n%s' "${#3}" "$3" >&3
  while IFS= read -r line <&3 && line=${line%$'\r'} && [ -n "$line" ]; do
    case $line in Lambda-Extension-Identifier:*) key=${line##* } ;; esac
  done
  reply=$(cat <&3)
  exec 3>&-
}
register() { ask POST register '{"events":["INVOKE","SHUTDOWN"]}'; }
next() { ask GET event/next; }
ending() { case $reply in *SHUTDOWN*) echo "$name ends"; exit 0 ;; esac; }
"""
GOOD = ASK + 'register\nwhile next; do ending; echo "$reply" >>/tmp/told; done\n'
TOLD = (
    SPEAK
    + r"""
while next; do
  n=$((n + 1))
  until [ "$(cat /tmp/told 2>/dev/null | wc -l)" -ge $n ]; do sleep 0.01; done
  answer "[$(paste -sd, /tmp/told)]"
done
"""
)
PLAIN = SPEAK + "while next; do answer 1; done\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"a.json": b"{}", "b.json": b"{}"})
    return tmp_path


def verify(work: Path, extensions: dict[str, str], does: str, *args: str) -> Outcome:
    """Run a function below a layer of extensions; no process of theirs outlives it."""
    mark = f"MARK={uuid.uuid4()}"
    zip_of(work / "function.zip", {"bootstrap": does})
    zip_of(work / "layer.zip", {f"extensions/{name}": text for name, text in extensions.items()})
    given = ("--function", "function.zip", "--event", "a.json", "--env", mark, *args)
    outcome = slim("verify", "layer.zip", *given, cwd=work, process=True)
    assert processes_with(mark) == []
    return outcome


def run_of(outcome: Outcome) -> dict[str, Any]:
    assert outcome.code == 0, outcome.text
    run: dict[str, Any] = json.loads(outcome.out)["run"]
    return run


def test_an_extension_is_told_of_every_event_and_of_the_end(work: Path) -> None:
    run = run_of(verify(work, {"spy": GOOD}, TOLD, "--event", "b.json", "--json", "-"))
    first, second = (event["answer"] for event in run["events"])
    assert [told["eventType"] for told in second] == ["INVOKE", "INVOKE"]
    assert first[0]["requestId"] != second[1]["requestId"]
    assert first[0]["invokedFunctionArn"].endswith(":function:slim-verify")
    assert first[0]["tracing"]["type"] == "X-Amzn-Trace-Id"
    assert first[0]["deadlineMs"] > 1_700_000_000_000
    assert "spy ends\n" in run["output"]
    assert "Terminated" not in run["output"]


def test_extensions_start_before_the_runtime_in_the_same_sandbox(work: Path) -> None:
    late = (
        ASK + 'sleep 0.3\necho "\\"$name\\"" >>/tmp/told; register\nwhile next; do ending; done\n'
    )
    run = run_of(verify(work, {"one": late, "two": late}, TOLD, "--json", "-"))
    assert sorted(run["events"][0]["answer"]) == ["one", "two"]


INNER = (
    ASK
    + """name=inner
ask POST register '{"events":["INVOKE"]}'
(while ask GET event/next && [ -n "$reply" ]; do echo "$reply" >>/tmp/told; done) &
"""
    + TOLD
)


def test_a_function_may_register_an_extension_of_its_own(work: Path) -> None:
    run = run_of(verify(work, {}, INNER, "--event", "b.json", "--json", "-"))
    told = run["events"][1]["answer"]
    assert [event["eventType"] for event in told] == ["INVOKE", "INVOKE"]


def test_an_extension_has_no_environment_of_the_runtimes(work: Path) -> None:
    dump = ASK + "env | sed 's/.*/\"&\"/' >/tmp/told\nregister\nwhile next; do ending; done\n"
    run = run_of(verify(work, {"spy": dump}, TOLD, "--json", "-", "--env", "OWN=1"))
    names = {line.partition("=")[0] for line in run["events"][0]["answer"]}
    assert {"OWN", "PATH", "AWS_REGION", "AWS_LAMBDA_RUNTIME_API", "AWS_SESSION_TOKEN"} <= names
    assert names.isdisjoint({"_HANDLER", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_LOG_GROUP_NAME"})


FAULTS = {
    "exits at once": ("exit 3", "spy exited with code 3; Lambda would end the function"),
    "exits at work": (
        "register; next; exit 0",
        "spy exited with code 0; Lambda would end the function",
    ),
    "exits while it is not told": (
        "register; next & sleep 0.3; kill -9 $$",
        "spy exited with code 137; Lambda would end the function",
    ),
    "never registers": (
        "sleep 60",
        "spy did not register as spy, the name of its file within 10 s",
    ),
    "registers as another": (
        'name=other; ask POST register \'{"events":["INVOKE"]}\'; next',
        "spy did not register as spy, the name of its file within 10 s",
    ),
    "never asks": ("register; sleep 60", "spy did not ask for its next event within 10 s"),
    "hangs at work": (
        "register; next; sleep 60",
        "spy did not ask for its next event within 1 s",
    ),
    "cannot start": ("register; ask POST init/error; exit 1", "said that it cannot start: Ext.Why"),
    "has to end": (
        "register; next; ask POST exit/error; exit 1",
        "said that it has to end: Ext.Why",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_an_extension_that_fails_is_named(work: Path, case: str) -> None:
    does, line = FAULTS[case]
    outcome = verify(work, {"spy": f"{ASK}{does}\n"}, PLAIN, "--timeout", "1")
    assert outcome.code == 5, outcome.text
    failed = [line for line in outcome.out.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 1
    assert failed[0].startswith("failed: the extension spy ")
    assert failed[0].endswith(line)


def test_an_extension_that_stays_is_warned_of(work: Path) -> None:
    """Real ones do: they ask on after SHUTDOWN, until Lambda kills them."""
    outcome = verify(work, {"spy": ASK + "register\nwhile next; do :; done\nsleep 60\n"}, PLAIN)
    assert outcome.code == 0, outcome.text
    line = "the extension spy did not end within 2 s of SHUTDOWN; Lambda would kill it"
    assert f"warn: {line}\n" in outcome.out


def test_an_extension_that_cannot_be_executed_is_named(work: Path) -> None:
    write_tree(work / "layer", {"extensions/spy": b"#!/bin/sh\n"})
    (work / "layer/extensions/spy").chmod(0o644)
    zip_of(work / "function.zip", {"bootstrap": PLAIN})
    args = ("layer", "--function", "function.zip", "--event", "a.json")
    outcome = slim("verify", *args, cwd=work, process=True)
    assert outcome.code == 5
    assert "failed: the extension /opt/extensions/spy is not executable" in outcome.out


def test_more_extensions_than_lambda_starts_are_refused(work: Path) -> None:
    outcome = verify(work, {f"e{n}": GOOD for n in range(11)}, PLAIN)
    assert "holds 11 extensions, and Lambda starts at most 10; drop some" in outcome.out


CALLS = (
    ASK
    + r"""
say() { printf '%s\n' "$reply" >>/tmp/told; }
ask POST register '{"events":["SHUTDOWN","OTHER"]}'; say
ask POST register '["SHUTDOWN"]'; say
key=; ask GET event/next; say
key=6ba7b811-9dad-11d1-80b4-00c04fd430c8; ask GET event/next; say
old=$name; name=inner; ask POST register '{"events":["SHUTDOWN"]}'; say; name=$old
register; say
own=$key; register; say; key=$own
while next; do ending; done
"""
)
ANSWERS = [
    "Extension.InvalidEventType",
    "InvalidRequestFormat",
    "Extension.MissingExtensionIdentifier",
    "Extension.UnknownExtensionIdentifier",
    "Extension.InvalidEventType",
    None,
    "Extension.InvalidExtensionState",
]


def test_wrong_calls_of_extensions_are_refused(work: Path) -> None:
    run = run_of(verify(work, {"spy": CALLS}, TOLD, "--json", "-"))
    replies = run["events"][0]["answer"]
    assert [reply.get("errorType") for reply in replies] == ANSWERS
    assert replies[5] == {
        "functionName": "slim-verify",
        "functionVersion": "$LATEST",
        "handler": "",
    }


LISTENER = (
    f"#!{sys.executable}"
    r"""
import http.server, json, os, pathlib, threading, urllib.request

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
got = []

class Sink(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        got.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200); self.end_headers()
    def log_message(self, *args):
        pass

def call(method, path, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://{API}{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as reply:
        return reply.headers, reply.read()

server = http.server.HTTPServer(("127.0.0.1", 0), Sink)
threading.Thread(target=server.serve_forever, daemon=True).start()
name = pathlib.Path(__file__).name
headers, _ = call("POST", "/2020-01-01/extension/register",
                  {"events": ["INVOKE", "SHUTDOWN"]}, Lambda_Extension_Name=name)
key = headers["Lambda-Extension-Identifier"]
print(call("PUT", os.environ["API"], {
    "schemaVersion": "2022-12-13", "types": ["platform", "function", "extension"],
    "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
    "destination": {"protocol": "HTTP",
                    "URI": f"http://sandbox.localdomain:{server.server_port}/"},
}, Lambda_Extension_Identifier=key)[1].decode(), flush=True)
while True:
    _, body = call("GET", "/2020-01-01/extension/event/next", Lambda_Extension_Identifier=key)
    if json.loads(body)["eventType"] == "SHUTDOWN":
        pathlib.Path(os.environ["SINK"]).write_text(json.dumps(got))
        break
"""
)
TELEMETRY = [
    "platform.initStart",
    "platform.telemetrySubscription",
    "platform.initRuntimeDone",
    "platform.extension",
    "platform.initReport",
    "platform.start",
    "platform.runtimeDone",
    "platform.report",
]
LOGS = [
    "platform.logsSubscription",
    "platform.extension",
    "platform.start",
    "platform.runtimeDone",
    "platform.end",
    "platform.report",
]


@pytest.mark.parametrize(
    ("api", "kinds"), [("/2022-07-01/telemetry", TELEMETRY), ("/2020-08-15/logs", LOGS)]
)
def test_subscribers_are_sent_what_happens(work: Path, api: str, kinds: list[str]) -> None:
    talk = SPEAK + "echo at the start\nwhile next; do echo at work; answer 12; done\n"
    args = ("--sandbox", "none", "--env", f"API={api}", "--env", f"SINK={work}/got.json")
    outcome = verify(work, {"sink": LISTENER}, talk, *args)
    assert outcome.code == 0, outcome.text
    got = json.loads((work / "got.json").read_text())
    assert [e["type"] for e in got if e["type"].startswith("platform")] == kinds
    assert [e["record"] for e in got if e["type"] == "function"] == ["at the start", "at work"]
    assert [e["record"] for e in got if e["type"] == "extension"] == ["OK"]
    done = next(e["record"] for e in got if e["type"] == "platform.runtimeDone")
    assert (done["status"], done["metrics"]["producedBytes"]) == ("success", 2)
    assert all(e["time"].endswith("Z") for e in got)
