"""What there is to say of a proof, for people."""

from __future__ import annotations

from collections.abc import Iterator

import click

from slimmer.report.terminal import shorten, table
from slimmer.report.verify.starts import start_lines
from slimmer.sizes import count_text, size_text
from slimmer.text import printable
from slimmer.verify.answers import read_http, status_of
from slimmer.verify.logged import logged_errors
from slimmer.verify.model import AnswerCheck, Emulated, Invocation, Proof, Run

_ANSWER = 60
_LINES = 20
_UNSTABLE = 3


def render_text(proof: Proof) -> str:
    """Return the proof as text, coloured; a caller that writes to no terminal strips that."""
    parts = [
        _turns(proof),
        [*_figures("", proof.run), *_figures("original: ", proof.original)],
        _other_way(proof),
        start_lines(proof),
        _how(proof),
        _warnings(proof),
        _output(proof),
        _logged(proof),
        _verdict(proof),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def render_faults(proof: Proof) -> str:
    """Return what went wrong or was not proven, a line each, coloured; nothing if all is well."""
    lines = [*_warnings(proof), *_logged(proof), *_failed(proof)]
    return "".join(f"{line}\n" for line in lines)


def _warnings(proof: Proof) -> list[str]:
    pairs = zip(proof.run.invocations, proof.checks, strict=True)
    doubts = [f"{printable(i.event)}: {check.warning}" for i, check in pairs if check.warning]
    warn = click.style("warn", fg="yellow")
    return [f"{warn}: {warning}" for warning in (*proof.warnings, *doubts)]


def _turns(proof: Proof) -> list[str]:
    rows = [
        (
            printable(invocation.event),
            _outcome(invocation, check),
            _seconds(invocation.seconds),
            _shown(invocation),
        )
        for invocation, check in zip(proof.run.invocations, proof.checks, strict=True)
    ]
    return table(("event", "answered", "after", "answer"), rows, frozenset({0, 1, 3}))


def _outcome(invocation: Invocation, check: AnswerCheck) -> str:
    if invocation.answer is None:
        return "no"
    if invocation.answer.kind == "error":
        return "with an error"
    return "otherwise" if check.wrong else "yes"


def _shown(invocation: Invocation) -> str:
    if invocation.answer is None:
        return ""
    answer = invocation.answer
    http = read_http(answer)
    start = (http.body if http else answer.body)[: 4 * _ANSWER].decode("utf-8", "backslashreplace")
    status = f"HTTP {status_of(answer)}: " if http else ""
    return shorten(status + printable(start), _ANSWER)


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _figures(whose: str, run: Run | None) -> list[str]:
    if run is None or run.init_s is None:
        return []
    parts = [f"init {_seconds(run.init_s)}"]
    if run.first_s is not None:
        parts.append(f"first answer after {_seconds(run.first_s)}")
    if run.processes:
        count = f"{run.processes} process" + ("" if run.processes == 1 else "es")
        parts.append(f"peak memory {size_text(run.peak_bytes)} in {count}")
    return [whose + ", ".join(parts)]


def _how(proof: Proof) -> list[str]:
    if not proof.hidden:
        return [f"run in {proof.sandbox}"] if proof.sandbox != "none" else []
    hidden = f"; hidden from it: this machine's {', '.join(proof.hidden)}"
    return [f"run by {proof.sandbox} at /opt and /var/task, read-only{hidden}"]


def _output(proof: Proof) -> list[str]:
    """Return the end of what the function wrote, when something went wrong."""
    if proof.passed or not proof.run.output.strip():
        return []
    run = proof.emulated.run if proof.emulated else proof.run
    text = run.output.strip().replace("\xa0", " ").expandtabs(4)
    lines = [printable(line) for line in text.splitlines()]
    more = [f"  ({len(lines) - _LINES:,} lines before)"] if len(lines) > _LINES else []
    header = click.style("output", bold=True)
    return [header, *more, *(f"  {line}" for line in lines[-_LINES:])]


def _logged(proof: Proof) -> list[str]:
    """Return the errors that the function logged, although it answered as it should."""
    if not proof.passed:
        return []
    lines = [printable(line.expandtabs(4)) for line in logged_errors(proof.run.output)]
    warn = click.style("warn", fg="yellow")
    header = f"{warn}: the function answered, and logged errors; look whether the answer is right"
    return [header, *(f"  {line}" for line in lines)] if lines else []


def _verdict(proof: Proof) -> list[str]:
    run = proof.run
    events = count_text(len(run.invocations), "event")
    notes = [
        f"{click.style('note', fg='cyan')}: the original's own answer to "
        f"{printable(invocation.event)} varies in {', '.join(check.unstable[:_UNSTABLE])}, "
        "so that was not compared"
        for invocation, check in zip(run.invocations, proof.checks, strict=True)
        if check.unstable
    ]
    if proof.ignored:
        said = ", ".join(map(printable, proof.ignored))
        notes.append(f"{click.style('note', fg='cyan')}: not compared, as --ignore says: {said}")
    if proof.passed:
        same = ", as by the original" if proof.original else ""
        return [*notes, f"{click.style('passed', fg='green')}: {events} answered{same}"]
    return [*notes, *_failed(proof)]


def _other_way(proof: Proof) -> list[str]:
    """Return what came of an image's entry point without the Runtime API."""
    if proof.emulated is None:
        return []
    name, answered = printable(proof.emulated.program), proof.emulated.run.invocations
    count = sum(1 for each in answered if each.answer)
    took = _seconds(answered[0].seconds)
    return [f"without the Runtime API, under its {name}: {count} answered, the first after {took}"]


def _failed(proof: Proof) -> list[str]:
    return [f"{click.style('failed', fg='red')}: {line}" for line in failures(proof)]


def failures(proof: Proof) -> list[str]:
    """Return what is wrong, a line each."""
    lines = [proof.run.failure.message] if proof.run.failure else []
    for invocation, check in zip(proof.run.invocations, proof.checks, strict=True):
        if check.wrong:
            lines.append(f"{printable(invocation.event)}: {check.wrong}")
    return [*lines, *_failures_of(proof.emulated)]


def _failures_of(emulated: Emulated | None) -> Iterator[str]:
    """Yield what was wrong under an image's own emulator."""
    if emulated is None:
        return
    way = f"without the Runtime API, under its {printable(emulated.program)}, it"
    if emulated.run.failure:
        yield f"{way} {emulated.run.failure.message}"
        return
    for invocation, check in zip(emulated.run.invocations, emulated.checks, strict=True):
        if check.wrong:
            yield f"{way} answered otherwise: {printable(invocation.event)}: {check.wrong}"
