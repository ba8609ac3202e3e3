"""What there is to say of a proof, for machines."""

from __future__ import annotations

import json
from typing import Any

from slimmer import __version__
from slimmer.report.document import document_text
from slimmer.report.verify.text import failures
from slimmer.verify.model import Answer, AnswerCheck, Invocation, Proof, Run

VERSION = 1


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
        "run": _run(proof.run, proof.checks),
        "original": _run(proof.original) if proof.original else None,
    }
    return document_text(document)


def _run(run: Run, checks: tuple[AnswerCheck, ...] = ()) -> dict[str, Any]:
    events = [_turn(invocation) for invocation in run.invocations]
    for event, check in zip(events, checks, strict=False):
        event |= {"wrong": check.wrong, "unstable": list(check.unstable)}
    return {
        "trouble": run.failure._asdict() if run.failure else None,
        "init_s": _rounded(run.init_s),
        "first_answer_s": _rounded(run.first_s),
        "return_s": _rounded(run.return_s),
        "peak_bytes": run.peak_bytes,
        "processes": run.processes,
        "events": events,
        "output": run.output,
    }


def _turn(invocation: Invocation) -> dict[str, Any]:
    return {
        "event": invocation.event,
        "answered": invocation.answer.kind if invocation.answer else None,
        "seconds": _rounded(invocation.seconds),
        "answer": _body(invocation.answer),
    }


def _body(answer: Answer | None) -> Any:
    """Return an answer as JSON, or as text where it is none."""
    if answer is None:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return answer.body.decode("utf-8", "backslashreplace")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
