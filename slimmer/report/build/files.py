"""Every file of a report as one row: what became of it, its bytes, its reason in words."""

from __future__ import annotations

import enum
from typing import NamedTuple

from slimmer.build.report import Report
from slimmer.model.artifact import Member
from slimmer.model.plan import Drop, Generated, Link, Shipped, Step
from slimmer.model.rules import Rule
from slimmer.model.tree import Entry, Kind
from slimmer.sizes import exact_text
from slimmer.text import printable


class Outcome(enum.Enum):
    """What became of a file, as the page names and colours it."""

    KEPT = "kept"
    RESCUED = "rescued"  # kept, since a guard took it back from a rule
    LINKED = "linked"
    GENERATED = "generated"
    DROPPED = "dropped"


class Reason(NamedTuple):
    """Why it is so; ``pattern`` and ``place`` are empty where no rule matches it."""

    why: str
    pattern: str = ""
    place: str = ""


class Row(NamedTuple):
    """One file, link or shipped empty folder; names are such as any screen can show.

    ``before_bytes`` is its size in the tree, ``unzipped_bytes`` that in the zip, or of what is
    not there that in the tree. ``zipped_bytes`` is all that it takes in the zip, or would take,
    its headers with it, ``compressed_bytes`` its data alone; both are None where that is not
    known. ``note`` says what was done to it.
    """

    path: str
    outcome: Outcome
    before_bytes: int
    unzipped_bytes: int
    zipped_bytes: int | None
    compressed_bytes: int | None
    component: str
    reason: Reason
    note: str = ""


_UNNAMED = Reason("No rule matches it, so it is kept.")
_GUARD = "guard/"


def rows_of(report: Report) -> list[Row]:
    """Return a row for all that a report speaks of, in the order of the paths."""
    steps = sorted((*report.plan.steps, *report.plan.generated), key=lambda step: step.entry.path)
    return [
        _dropped(step, report) if isinstance(step, Drop) else _shipped(step, report)
        for step in steps
        if step.entry.kind is not Kind.DIRECTORY or step.entry.path in report.empty_folders
    ]


def _dropped(step: Drop, report: Report) -> Row:
    entry, rule = step.entry, step.rule
    would = report.measured.get(entry.path) if report.measured else None
    return Row(
        _name(entry),
        Outcome.DROPPED,
        entry.size_bytes,
        entry.size_bytes,
        would.zip_bytes if would else None,
        would.compressed_bytes if would else None,
        rule.component,
        _said(rule),
        _target(entry),
    )


def _shipped(step: Step | Generated, report: Report) -> Row:
    entry = step.entry
    member = report.members.get(entry.path)
    sizes = (
        entry.size_bytes if not isinstance(step, Generated) else 0,
        member.size_bytes if member else entry.size_bytes,
        member.zip_bytes if member else None,
        member.compressed_bytes if member else None,
    )
    outcome, reason = _outcome(step)
    notes = [_target(entry), _change(report, entry.path, member) if member else ""]
    note = "; ".join(text for text in notes if text)
    return Row(_name(entry), outcome, *sizes, report.component_of[entry.path], reason, note)


def _outcome(step: Shipped | Step) -> tuple[Outcome, Reason]:
    if isinstance(step, Link):
        same = f"It has the same bytes as {printable(step.to)}, and is shipped as a link to that."
        return Outcome.LINKED, Reason(same)
    if isinstance(step, Generated):
        return Outcome.GENERATED, Reason(f"Compiled from {printable(step.source)} for this zip.")
    if step.rule is None:
        return Outcome.KEPT, _UNNAMED
    rescued = step.rule.component.startswith(_GUARD)
    return Outcome.RESCUED if rescued else Outcome.KEPT, _said(step.rule)


def _said(rule: Rule) -> Reason:
    why = printable(rule.why)
    if rule.component.startswith(_GUARD):
        why = f"Taken back from a rule, since {why}."
    return Reason(why, printable(rule.pattern), printable(rule.place))


def _name(entry: Entry) -> str:
    return printable(entry.path) + ("/" if entry.kind is Kind.DIRECTORY else "")


def _target(entry: Entry) -> str:
    return f"a link to {printable(entry.target)}" if entry.kind is Kind.LINK else ""


def _change(report: Report, path: str, member: Member) -> str:
    """Return what a transform did to a file, and what it saved where that was measured."""
    change = member.change
    if change is None:
        return ""
    if change.refused:
        return f"{change.transform} left it as it is: {printable(change.refused)}"
    if change.broken:
        return f"{change.transform} cannot understand it: {printable(change.broken)}"
    text = f"{change.transform} {_saved(change.saved_bytes)} unzipped"
    was = report.measured.get(path) if report.measured else None
    if was:
        text += f", {_saved(was.zip_bytes - member.zip_bytes)} zipped"
    left_out = [f"{printable(name)} ({rule})" for name, rule in change.left_out]
    return f"{text}; dropped: {', '.join(left_out)}" if left_out else text


def _saved(saved_bytes: int) -> str:
    return f"{'saved' if saved_bytes >= 0 else 'added'} {exact_text(abs(saved_bytes))}"
