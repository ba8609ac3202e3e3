"""What there is to say of a proof, for a pull-request comment: Markdown."""

from __future__ import annotations

from slimmer.report.gfm import code, prose, table
from slimmer.report.verify.starts import HEADER, cost_lines, start_rows
from slimmer.report.verify.text import failures
from slimmer.sizes import count_text
from slimmer.verify.logged import logged_errors
from slimmer.verify.model import Proof


def render_markdown(proof: Proof) -> str:
    """Return the proof as GitHub Flavored Markdown."""
    events = count_text(len(proof.run.invocations), "event")
    outcome = f"passed, {events} answered" if proof.passed else "failed"
    parts = [[f"### slim verify: {outcome}"], [f"- {prose(line)}" for line in failures(proof)]]
    logged = logged_errors(proof.run.output) if proof.passed else ()
    if logged:
        parts.append([f"- answered, and logged errors: {code(logged[-1])}"])
    if proof.starts:
        rows = [(row[0], *row[1:]) for row in start_rows(proof.starts)]
        parts.append([f"{proof.starts.count} fresh starts, in turn with the original:"])
        parts.append(table(HEADER, rows, frozenset({0})))
        parts.append([prose(line) for line in cost_lines(proof)])
    answered = [
        (code(each.event), each.answer.kind if each.answer else "no")
        for each in proof.run.invocations
    ]
    parts.append(table(("event", "answered"), answered, frozenset({0, 1})))
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"
