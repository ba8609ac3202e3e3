"""The suite that holds `slim verify` against AWS's emulator tells what differs, whatever it is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import emulator, ours
from conformance.languages import LANGUAGES
from conformance.outcome import Outcome
from conformance.record import Record, Result
from conformance.shapes import Shape, write

LEAST = {"python": 40, "node": 50, "java": 15, "go": 4, "rust": 4, "extension": 10}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_shapes_whose_parts_can_be_read(language: str) -> None:
    found = LANGUAGES[language].shapes()
    assert len(found) >= LEAST.get(LANGUAGES[language].family, 10)
    for shape in found:
        assert all(json.loads(event) is not ... for event in shape.events)
        assert shape.files or LANGUAGES[language].client != "none" or shape.layers


SHAPE = Shape("python", "any", {"app.py": ""}, (), "app.handler", ("1",), {}, 10, "", "", "")
ONE, OTHER = Outcome("failed", "ValueError: one"), Outcome("failed", "ValueError: other")


@pytest.mark.parametrize(
    ("theirs", "own", "differs", "passes"),
    [
        ([ONE], [ONE], "", True),
        ([ONE], [OTHER], "", False),
        ([ONE, ONE], [ONE], "", False),
        ([ONE], [OTHER], "a reason", True),
        ([ONE], [ONE], "a reason that is no longer needed", False),
    ],
)
def test_a_difference_fails_unless_its_reason_is_known_and_needed(
    theirs: list[Outcome], own: list[Outcome], differs: str, passes: bool
) -> None:
    assert Result(replace(SHAPE, differs=differs), theirs, own).expected is passes


def test_a_run_that_was_broken_off_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    first = Record(file, "code", resume=False)
    first.add("python", Result(SHAPE, [ONE], [ONE], 2.5))
    first.add("node", Result(SHAPE, [ONE], [OTHER], 1))
    again = Record(file, "code", resume=True)
    assert again.get("python", SHAPE) == Result(SHAPE, [ONE], [ONE], 2.5)
    assert again.get("node", SHAPE) is None  # which was not as expected
    assert again.get("python", replace(SHAPE, events=("2",))) is None
    assert Record(file, "other code", resume=True).get("python", SHAPE) is None
    assert Record(file, "code", resume=False).get("python", SHAPE) is None


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"errorMessage":"no","errorType":"E","stackTrace":[]}', Outcome("failed", "E: no")),
        (200, b'{"errorMessage":"no"}', Outcome("failed", "no")),
        (200, b"Task timed out after 3.00 seconds", Outcome("timed out")),
        (
            200,
            b'{"errorType":"Runtime.ExitError","errorMessage":"1: signal: segmentation fault"}',
            Outcome("exited", "signal: segmentation fault"),
        ),
        (
            200,
            b'{"errorType":"Runtime.ExitError","errorMessage":"Runtime exited without a reason"}',
            Outcome("exited", "exit status 0"),
        ),
        (
            200,
            b'{"errorType":"Extension.Crash","errorMessage":"exit status 3"}',
            Outcome("exited", "an extension"),
        ),
        (504, b"", Outcome("unanswered", "504")),
    ],
)
def test_an_answer_of_the_emulator_is_read(status: int, body: bytes, outcome: Outcome) -> None:
    assert emulator.outcome(status, body) == outcome


RUN = {"trouble": None, "events": [{"answered": None}]}


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        ("exited", "exited with code 3 instead of answering a", Outcome("exited", "exit status 3")),
        ("exited", "was ended by SIGSEGV", Outcome("exited", "signal: segmentation fault")),
        ("init-error", "said that it cannot start: E: no", Outcome("failed", "E: no")),
        ("timed-out", "did not answer a within 1 s", Outcome("timed out")),
        ("extension-hung", "the extension spy hung", Outcome("exited", "an extension")),
        ("never-asked", "did not ask", Outcome("unanswered", "did not ask")),
    ],
)
def test_a_report_of_slim_is_read(code: str, message: str, outcome: Outcome) -> None:
    assert ours.read({**RUN, "trouble": {"code": code, "message": message}}) == [outcome]


def test_answers_are_alike_only_byte_for_byte() -> None:
    theirs = emulator.outcome(200, b"[1]")
    for body, alike in ((b"[1]", True), (b"[1.0]", False), (b"[ 1]", False)):
        event = {"answered": "response", "answer": [1], "error_after": None}
        event["sha256"] = hashlib.sha256(body).hexdigest()
        assert theirs.is_like(ours.read({"trouble": None, "events": [event]})[0]) is alike


def test_a_stream_that_ends_with_an_error_is_not_like_a_whole_one() -> None:
    event = {"answered": "response", "answer": "x", "sha256": hashlib.sha256(b"x").hexdigest()}
    broken = ours.read({"trouble": None, "events": [{**event, "error_after": {"errorType": "E"}}]})
    assert not emulator.outcome(200, b"x").is_like(broken[0])


def test_scripts_are_written_as_programs(tmp_path: Path) -> None:
    folder = write({"bin/tool": "#!/bin/sh\n", "data": "x"}, tmp_path / "layer")
    assert (folder / "bin/tool").stat().st_mode & 0o777 == 0o755
    assert (folder / "data").stat().st_mode & 0o777 == 0o644
