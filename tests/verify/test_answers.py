"""What an answer says: streams in two parts, HTTP statuses, and how a report shows it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from slimmer.report.verify.json import MOST_BYTES
from tests.support.command import Outcome, slim
from tests.support.functions import SPEAK
from tests.support.trees import write_tree
from tests.support.zips import zip_of

# `stream HEAD BODY [TRAILERS]` answers in chunks, as a function does that streams HTTP.
STREAM = (
    SPEAK
    + r"""
stream() {
  exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API#*:}"
  printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\n' "$id" >&3
  printf 'Lambda-Runtime-Function-Response-Mode: streaming\r\nConnection: close\r\n' >&3
  printf 'Content-Type: application/vnd.awslambda.http-integration-response\r\n' >&3
  printf 'Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n' ${#1} "$1" >&3
  printf '8\r\n\0\0\0\0\0\0\0\0\r\n%x\r\n%s\r\n0\r\n%b\r\n' ${#2} "$2" "$3" >&3
  cat <&3 >/dev/null
}
"""
)
LATE = (
    "Lambda-Runtime-Function-Error-Type: Late\\r\\nLambda-Runtime-Function-Error-Body: "
    "eyJlcnJvclR5cGUiOiJMYXRlIiwiZXJyb3JNZXNzYWdlIjoibm8ifQ==\\r\\n"
)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"a.json": b"{}"})
    return tmp_path


def verify(work: Path, does: str, *args: str) -> Outcome:
    zip_of(work / "function.zip", {"bootstrap": f"{STREAM}next; {does}; next\n"})
    given = ("--function", "function.zip", "--event", "a.json", *args)
    return slim("verify", *given, cwd=work, process=True)


def streams(head: str, body: str, trailers: str = "") -> str:
    return f"stream '{head}' '{body}' '{trailers}'"


def report(work: Path, does: str) -> dict[str, Any]:
    outcome = verify(work, does, "--json", "-")
    document = json.loads(outcome.out, parse_constant=pytest.fail)
    turn: dict[str, Any] = document["run"]["events"][0]
    return turn


STATUSES = {
    "answer '{\"statusCode\":200}'": "passed: 1 event answered",
    "answer '{\"statusCode\":404}'": "warn: a.json: answered with HTTP status 404; ",
    'answer \'{"statusCode":500,"body":"why"}\'': 'answered with HTTP status 500: "why"; ',
    'answer \'{"statusCode":"502"}\'': "failed: a.json: answered with HTTP status 502: ",
    streams('{"statusCode":200}', "hi"): "HTTP 200: hi",
    streams('{"statusCode":404}', "hi"): "warn: a.json: answered with HTTP status 404; ",
    streams('{"statusCode":503}', "hi"): "failed: a.json: answered with HTTP status 503: hi; ",
    streams('{"statusCode":200}', "hi", LATE): "broke its stream off with an error: Late: no",
    'answer \'{"errorType":"E","errorMessage":"m","stackTrace":[]}\'': (
        "failed: a.json: answered with an error as its value: E: m"
    ),
}


@pytest.mark.parametrize("does", STATUSES)
def test_the_status_decides(work: Path, does: str) -> None:
    outcome = verify(work, does)
    assert STATUSES[does] in outcome.out
    assert ("failed: " in outcome.out) == (outcome.code == 5)


def test_an_error_status_can_be_expected(work: Path) -> None:
    write_tree(work, {"no.json": b'{"statusCode": 503, "body": "hi"}'})
    does = streams('{"statusCode":503}', "hi")
    assert verify(work, does, "--expect", "no.json").code == 0
    outcome = verify(work, streams('{"statusCode":200}', "hi"), "--expect", "no.json")
    assert "failed: a.json: answers otherwise: .statusCode: expected 503, got 200" in outcome.out


@pytest.mark.parametrize(
    ("head", "body", "line"),
    [
        (
            '{"statusCode":200,"cookies":["a=2"]}',
            "[1]",
            '.head.cookies[0]: expected "a=1", got "a=2"',
        ),
        ('{"cookies":["a=1"],"statusCode":200}', "[2]", ".body[0]: expected 1, got 2"),
        ('{"cookies":["a=1"],"statusCode":200}', "[ 1 ]", ".body: expected [1], got [1]"),
        ('{"cookies":["a=1"],"statusCode":200}', "[1]", ""),
    ],
)
def test_head_and_body_of_a_stream_are_compared(
    work: Path, head: str, body: str, line: str
) -> None:
    first = streams('{"statusCode":200,"cookies":["a=1"]}', "[1]")
    zip_of(work / "original.zip", {"bootstrap": f"{STREAM}next; {first}; next\n"})
    outcome = verify(work, streams(head, body), "--against", "original.zip")
    assert (outcome.code == 0) == (not line), outcome.text
    assert line in outcome.out


TROUBLES = {
    "answer '{\"statusCode\":500}'": "answered with HTTP status 500",
    "fail Odd no": "answered with an error: Odd: no",
    'answer \'{"errorType":"E","errorMessage":"m"}\'': "answered with an error as its value: E: m",
    streams('{"statusCode":200}', "hi", LATE): "broke its stream off with an error: Late: no",
}


@pytest.mark.parametrize("does", TROUBLES)
def test_an_original_that_goes_wrong_too_proves_little(work: Path, does: str) -> None:
    zip_of(work / "original.zip", {"bootstrap": f"{STREAM}next; {does}; next\n"})
    outcome = verify(work, does, "--against", "original.zip")
    assert outcome.code == 0, outcome.text
    assert f"warn: a.json: {TROUBLES[does]}, as the original does; an event " in outcome.out


@pytest.mark.parametrize(
    ("does", "shown"),
    [
        ("answer '{\"a\":NaN}'", '{"a":NaN}'),
        ("answer '[-Infinity,1e999]'", "[-Infinity,1e999]"),
        ("answer $'\\xff\\xfe'", "\\xff\\xfe"),
        ('answer "$(printf "%0600d" | tr 0 [)$(printf "%0600d" | tr 0 ])"', "[" * 600 + "]" * 600),
        (streams('{"statusCode":NaN}', "hi"), "hi"),
    ],
)
def test_a_report_is_json_whatever_is_answered(work: Path, does: str, shown: str) -> None:
    assert report(work, does)["answer"] == shown


def test_a_report_shows_the_beginning_of_a_long_answer(work: Path) -> None:
    turn = report(work, "answer \"$(head -c 5000000 /dev/zero | tr '\\0' 1)\"")
    assert turn["answer"] == "1" * MOST_BYTES
    assert (turn["cut"], turn["size_bytes"]) == (True, 5_000_000)
    assert turn["sha256"] == hashlib.sha256(b"1" * 5_000_000).hexdigest()


def test_an_answer_with_nan_is_the_same_as_itself(work: Path) -> None:
    does = "answer '{\"a\":NaN}'"
    zip_of(work / "original.zip", {"bootstrap": f"{STREAM}next; {does}; next\n"})
    outcome = verify(work, does, "--against", "original.zip")
    assert outcome.code == 0
    assert "varies" not in outcome.out


@pytest.mark.parametrize(
    ("answer", "expected", "line"),
    [
        ('{"statusCode":200,"at":1}', '{"statusCode":200}', ""),
        ('{"statusCode":500}', '{"statusCode":200}', ".statusCode: expected 200, got 500"),
        ('{"statusCode":500,"body":"no"}', '{"body":"no"}', "answered with HTTP status 500: "),
        ('{"a":[{"b":1,"c":2}]}', '{"a":[{"b":1}]}', ""),
        ('{"a":[1,2]}', '{"a":[1]}', ".a: expected [1], got [1, 2]"),
        ('{"errorMessage":"Task timed out"}', "{}", "answered with an error as its value"),
        ('{"errorMessage":"no"}', '{"errorMessage":"no"}', ""),
        (r'{"body":"{\"ok\":true,\"n\":1}"}', '{"body":{"ok":true}}', ""),
        (r'{"body":"{\"ok\":false}"}', '{"body":{"ok":true}}', ".body.ok: expected true, got"),
        ('{"body":"hi"}', '{"body":{"ok":true}}', '.body: expected {"ok": true}, got "hi"'),
    ],
)
def test_an_expected_answer_names_what_must_hold(
    work: Path, answer: str, expected: str, line: str
) -> None:
    outcome = verify(work, f"answer '{answer}'", "--expect", expected)
    assert (outcome.code == 0) == (not line), outcome.text
    assert line in outcome.out


def test_an_exact_answer_has_no_other_keys(work: Path) -> None:
    exactly = ("--expect", '{"statusCode":200}', "--expect-exact")
    assert verify(work, "answer '{\"statusCode\":200}'", *exactly).code == 0
    outcome = verify(work, 'answer \'{"statusCode":200,"at":1}\'', *exactly)
    assert "failed: a.json: answers otherwise: .at: expected not there, got 1" in outcome.out


def test_a_warning_says_what_the_event_asks_for(work: Path) -> None:
    asks = '{"httpMethod":"GET","path":"/no"}'
    zip_of(work / "f.zip", {"bootstrap": f"{STREAM}next; answer '{{\"statusCode\":404}}'; next\n"})
    outcome = slim("verify", "--function", "f.zip", "--event", asks, cwd=work, process=True)
    assert outcome.code == 0
    assert "warn: event 1: answered GET /no with HTTP status 404; " in outcome.out


@pytest.mark.parametrize(
    "logged",
    [
        r'Traceback (most recent call last):\n  File "app.py", line 1\nKeyError: 7',
        r"2026-01-01 ERROR app: cannot reach the table",
        r'{"level":"error","message":"no"}',
        r"TypeError: x is no function\n    at handler (index.js:1:1)",
        r"com.acme.NoTable: no\nException in thread main java.lang.Error: no",
    ],
)
def test_an_error_that_was_logged_is_shown_where_it_passes(work: Path, logged: str) -> None:
    outcome = verify(work, f"printf '%b\\n' '{logged}' 'fine' >&2; answer '{{}}'", "--json", "r")
    assert outcome.code == 0, outcome.text
    assert "warn: the function answered, and logged errors" in outcome.out
    last = logged.rsplit(r"\n", maxsplit=1)[-1].strip()
    assert last in outcome.out
    assert "  fine" not in outcome.out
    assert json.loads((work / "r").read_text())["run"]["logged_errors"]


def test_what_is_no_error_is_not_shown(work: Path) -> None:
    does = "echo 'INFO 0 errors, ErrorBoundary ready' >&2; answer '{}'"
    assert "logged errors" not in verify(work, does).out
