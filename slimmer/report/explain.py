"""What becomes of one path, for people: the verdict, the rule, its reason, and the owner."""

from __future__ import annotations

import click

from slimmer.decide.decide import Decision
from slimmer.decide.shake import parts_text
from slimmer.model.owners import OWN, SHARED
from slimmer.model.plan import Keep, Link, Step
from slimmer.model.tree import Kind
from slimmer.model.uses import Reach
from slimmer.text import printable


def step_lines(step: Step, decision: Decision) -> list[str]:
    """Return the lines that explain one step of a plan, coloured."""
    owner = decision.owners[step.entry.path]
    reached = _reached(step.entry.path, owner, decision.reach)
    return [
        *_verdict_lines(step, decision),
        f"      {_owner(owner)}",
        *(f"      {text}" for text in reached),
    ]


def _reached(path: str, owner: str, reach: Reach | None) -> list[str]:
    """Return why a path is there: the chain from what runs."""
    if reach is None:
        return []
    part = reach.part(path, owner)
    chain = reach.chain(part)
    if len(chain) > 1:
        return [f"reached: {parts_text(chain)}"]
    return ["nothing that runs reaches it"] if part in reach.unreached else []


def _owner(owner: str) -> str:
    if owner == OWN:
        return "your own: no installer wrote it"
    return "shared by several owners" if owner == SHARED else f"installed by {printable(owner)}"


def _verdict_lines(step: Step, decision: Decision) -> list[str]:
    path = printable(step.entry.path)
    if isinstance(step, Link):
        return [
            f"{click.style('link', fg='cyan')}  {path}",
            f"      to {printable(step.to)}, which has the same bytes",
            f"      {_linker(step, decision)}; --no-dedupe keeps both",
        ]
    kept = isinstance(step, Keep)
    verdict = click.style("keep", fg="green") if kept else click.style("drop", fg="red")
    target = f" -> {printable(step.entry.target)}" if step.entry.kind is Kind.LINK else ""
    lines = [f"{verdict}  {path}{target}"]
    rule = step.rule
    if rule is None:
        return [*lines, *(_unproven(step, decision) or ["      no rule drops it"])]
    what = f"{rule.component}: {printable(rule.pattern)}"
    lines += [f"      {what}  ({rule.place})", f"      {rule.why}"]
    proof = None if kept else decision.judge.proof_of(rule, step.entry.path)
    if proof is None:
        return lines
    found = ", ".join(
        f"{word} ({printable(each.what)})" if each.what else word for word, each in proof.found
    )
    return [*lines, f"      evidence: {found}"]


def _unproven(step: Step, decision: Decision) -> list[str]:
    """Return what would drop an entry if its evidence were there, and what is missing."""
    path, ruleset = step.entry.path, decision.ruleset
    speaking = ruleset.of_own if decision.owners[path] == OWN else ruleset.active
    lines = []
    for place, proof in decision.judge.unproven(path):
        rule, (word, missing) = proof.rule, proof.found[-1]
        if rule.component in speaking:
            where = "" if place == path else f"{printable(place)}: "
            what = f"{rule.component}: {printable(rule.pattern)}"
            lines.append(f"      {what} does not drop it  ({rule.place})")
            lines.append(f"      no evidence: {where}{printable(missing.what)} ({word})")
    return lines


def _linker(step: Step, decision: Decision) -> str:
    """Return why a file may be a link to an identical one: its kind, or the pack that says so."""
    path = step.entry.path
    sources = {pack.name: pack.source for pack in decision.ruleset.packs}
    for pack_root in decision.pack_roots:
        name = path.rpartition("/")[2]
        if pack_root.may_link(path, name):
            return f"{pack_root.pack}: linkable  ({sources[pack_root.pack]})"
        if pack_root.is_media(path, name):
            return f"{pack_root.pack}: media  ({sources[pack_root.pack]})"
    return "a shared library"
