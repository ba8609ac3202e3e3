"""What there is to say of a proof, for machines."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from slimmer import __version__
from slimmer.report.document import document_text
from slimmer.report.verify.starts import starts_document
from slimmer.report.verify.text import failures
from slimmer.verify.answers import read_http
from slimmer.verify.logged import logged_errors
from slimmer.verify.model import Answer, AnswerCheck, Emulated, Invocation, Proof, Run

VERSION = 1
MOST_BYTES = 64 * 1024  # of an answer, in a report
_MOST_DEEP = 100


def render_json(proof: Proof) -> str:
    """Return the proof as JSON with a newline at its end; times are seconds, sizes whole bytes."""
    document = {
        "version": VERSION,
        "slim": __version__,
        "passed": proof.passed,
        "failures": failures(proof),
        "sandbox": proof.sandbox,
        "hidden": list(proof.hidden),
        "memory_bytes": proof.memory_bytes,
        "warnings": list(proof.warnings),
        "ignored": list(proof.ignored),
        "run": _run(proof.run, proof.checks),
        "original": _run(proof.original) if proof.original else None,
        "emulated": _other_way(proof.emulated) if proof.emulated else None,
        "starts": starts_document(proof),
    }
    return document_text(document)


def _run(run: Run, checks: tuple[AnswerCheck, ...] = ()) -> dict[str, Any]:
    events = [_turn(invocation) for invocation in run.invocations]
    for event, check in zip(events, checks, strict=False):
        event |= {
            "wrong": check.wrong,
            "unstable": list(check.unstable),
            "warning": check.warning,
        }
    return {
        "trouble": run.failure._asdict() if run.failure else None,
        "init_s": _rounded(run.init_s),
        "first_answer_s": _rounded(run.first_s),
        "init_cpu_s": _rounded(run.init_cpu_s),
        "first_answer_cpu_s": _rounded(run.first_cpu_s),
        "return_s": _rounded(run.return_s),
        "peak_bytes": run.peak_bytes,
        "processes": run.processes,
        "events": events,
        "output": run.output,
        "logged_errors": list(logged_errors(run.output)),
    }


def _other_way(emulated: Emulated) -> dict[str, Any]:
    return {"program": emulated.program, **_run(emulated.run, emulated.checks)}


def _turn(invocation: Invocation) -> dict[str, Any]:
    answer = invocation.answer
    turn = {
        "event": invocation.event,
        "answered": answer.kind if answer else None,
        "seconds": _rounded(invocation.seconds),
        "answer": _shown(answer) if answer else None,
    }
    return turn | (_about(answer) if answer else {})


def _about(answer: Answer) -> dict[str, Any]:
    http = read_http(answer)
    return {
        "size_bytes": answer.size_bytes,
        "sha256": answer.sha256,
        "cut": answer.size_bytes > MOST_BYTES,
        "streamed": answer.is_streamed,
        "head": _value(json.dumps(http.head, default=_text).encode()) if http else None,
        "error_after": _value(answer.error_after) if answer.error_after else None,
    }


def _shown(answer: Answer) -> Any:
    """Return an answer as JSON where it is that and short, else its text, as far as it is shown."""
    http = read_http(answer)
    body = http.body if http else answer.body
    return _value(body) if answer.size_bytes <= MOST_BYTES else _text(body[:MOST_BYTES])


def _value(body: bytes) -> Any:
    """Return the value that is JSON in every language, or the text: NaN is Python's own."""
    try:
        value = json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return _text(body)
    return value if _is_flat(value) else _text(body)


def _refuse(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    if not isfinite(float(text)):
        raise ValueError(text)
    return float(text)


def _is_flat(value: Any) -> bool:
    """Return whether a value can be written as JSON on any stack."""
    level = [value]
    for _ in range(_MOST_DEEP):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return not level


def _text(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
