"""From references to rescues: the loop that lets guards take back what rules dropped.

A rescue switches off, below one path, the component or the user's word that dropped it; all
others still have their say there, so a rescued application comes back without its documentation.
What it brings back may ask for more, so the loop runs until nothing is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from slimmer.decide.ownership import OwnedTree
from slimmer.ecosystems.interface import Guard
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Reference, Rescue, Rule, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.paths import name_of, parents
from slimmer.rules.engine import Ruleset
from slimmer.text import printable

_SHOWN = 4  # of those who ask for one thing; a library can be asked for by hundreds


#: Whether a guard's reference, by the guard's name and the verdicts so far, brings nothing back.
IsRefused: TypeAlias = Callable[[str, Reference, Mapping[str, Verdict]], bool]


@dataclass(frozen=True)
class Rescued:
    """The verdicts after the guards had their say, and what they said."""

    verdicts: dict[str, Verdict]
    rescues: tuple[Rescue, ...]
    findings: tuple[Finding, ...]


def rescue(
    owned: OwnedTree,
    ruleset: Ruleset,
    verdicts: Mapping[str, Verdict],
    guards: Mapping[str, Guard],
    is_refused: IsRefused,
) -> Rescued:
    """Return the verdicts in which nothing that a guard is certain of is dropped.

    What ``is_refused`` holds for is only told.
    """
    now = dict(verdicts)
    rescues: list[Rescue] = []
    exempt: dict[str, frozenset[Rule]] = {}
    chains: dict[str, str] = {}
    while True:
        asked = [(name, r) for name, guard in guards.items() for r in guard.references(now)]
        asked = [
            (name, r._replace(certain=False) if is_refused(name, r, now) else r)
            for name, r in asked
        ]
        wanted = [(name, r) for name, r in asked if r.certain and _asks_for_dropped(now, r)]
        for guard_name, reference in wanted:
            if not _asks_for_dropped(now, reference):  # an earlier rescue brought it back
                continue
            chain = _chain(reference, chains)
            chains.setdefault(reference.needs, chain)
            if reference.members:
                by = f"guard/{guard_name}"
                rescues += _bring_members_back(owned, now, reference, by, chain)
                continue
            rule = _dropper(now, reference.path)
            if rule is None:
                continue
            known = _exempt_at(exempt, reference.path) | {rule}
            exempt[reference.path] = known
            label = Rule(f"guard/{guard_name}", Action.KEEP, reference.path, chain, rule.place)
            rescues.append(_bring_back(owned, ruleset.without(known), now, label, rule))
        if not wanted:
            break
    findings = [f for guard in guards.values() for f in guard.findings(now)]
    findings += _unmet(now, (reference for _, reference in asked))
    return Rescued(now, tuple(rescues), tuple(findings))


def _asks_for_dropped(verdicts: Mapping[str, Verdict], reference: Reference) -> bool:
    """Return whether what a reference asks for, or a part of it, is dropped."""
    if reference.members:
        return any(verdicts[member].dropped for member in reference.members)
    return _dropper(verdicts, reference.path) is not None


def _chain(reference: Reference, chains: Mapping[str, str]) -> str:
    """Return who needs what, and who needs that in turn."""
    line = f":{reference.line}" if reference.line else ""
    chain = f"{printable(reference.source)}{line} needs {printable(reference.needs)}"
    return f"{chain}, {chains[reference.source]}" if reference.source in chains else chain


def _bring_members_back(
    owned: OwnedTree,
    now: dict[str, Verdict],
    reference: Reference,
    guard: str,
    chain: str,
) -> list[Rescue]:
    """Keep the members of a reference; change ``now``; return a rescue for each component."""
    by_rule: dict[Rule, list[Entry]] = {}
    for path in reference.members:
        rule = now[path].rule
        if now[path].dropped and rule is not None:
            by_rule.setdefault(rule, []).append(owned.tree.by_path[path])
    by_component: dict[str, list[Entry]] = {}
    for rule, entries in by_rule.items():
        label = Rule(guard, Action.KEEP, reference.path, chain, rule.place)
        now.update((entry.path, Verdict(Action.KEEP, label)) for entry in entries)
        by_component.setdefault(rule.component, []).extend(entries)
    return [
        _rescue(reference.path, component, chain, entries)
        for component, entries in by_component.items()
    ]


def _rescue(path: str, component: str, chain: str, back: Iterable[Entry]) -> Rescue:
    """Return what is said of the entries that came back from one component."""
    files = [entry for entry in back if entry.kind is not Kind.DIRECTORY]
    size_bytes = sum(entry.size_bytes for entry in files)
    paths = tuple(entry.path for entry in files)
    return Rescue(path, component, chain, len(files), size_bytes, paths)


def _exempt_at(exempt: Mapping[str, frozenset[Rule]], path: str) -> frozenset[Rule]:
    """Return the rules that are switched off at a path, by itself or a folder above."""
    known: frozenset[Rule] = frozenset()
    for place in (path, *parents(path)):
        known |= exempt.get(place, frozenset())
    return known


def _bring_back(
    owned: OwnedTree,
    ruleset: Ruleset,
    now: dict[str, Verdict],
    label: Rule,
    dropped_by: Rule,
) -> Rescue:
    """Decide again what lies at and below the label's path; change ``now``; say what came back."""
    tree = owned.tree
    inside = list(tree.below(label.pattern))
    above = [tree.by_path[folder] for folder in parents(label.pattern)]
    fresh = owned.decide([*reversed(above), *inside], ruleset)
    back: list[Entry] = []
    for entry in inside:
        before, after = now[entry.path], fresh[entry.path]
        if before.dropped and after.kept:
            now[entry.path] = Verdict(Action.KEEP, label)
            back.append(entry)
        elif before.dropped:
            now[entry.path] = after
    return _rescue(label.pattern, dropped_by.component, label.why, back)


def _dropper(verdicts: Mapping[str, Verdict], path: str) -> Rule | None:
    """Return the rule that drops what a reference asks for, or None while it is there.

    An application is there when its .app file is; a folder may well lose its own
    documentation without being lost.
    """
    for probe in (path, f"{path}/ebin/{name_of(path).partition('-')[0]}.app"):
        verdict = verdicts.get(probe)
        if verdict is not None and verdict.dropped:
            return verdict.rule
    return None


def _is_lost(verdicts: Mapping[str, Verdict], path: str) -> bool:
    """Return whether what a reference asks for is dropped, and all below it did not come back."""
    rule = _dropper(verdicts, path)
    if rule is None:
        return False
    below = [verdict for other, verdict in verdicts.items() if other.startswith(f"{path}/")]
    return not below or any(verdict.dropped and verdict.rule == rule for verdict in below)


def _unmet(verdicts: Mapping[str, Verdict], references: Iterable[Reference]) -> Iterable[Finding]:
    """Yield a warning for each thing asked for that stays dropped, or that no tree has."""
    asked: dict[tuple[str, bool], list[Reference]] = {}
    for reference in references:
        missing = not reference.path
        if (missing and reference.certain) or _is_lost(verdicts, reference.path):
            asked.setdefault((reference.needs, missing), []).append(reference)
    for (needs, missing), those in sorted(asked.items()):
        how = ", ".join(sorted({r.how for r in those if r.how}))
        if missing:
            who = _listed(sorted({_with_file(reference) for reference in those}))
            yield finding(
                "not-in-tree",
                f"{who}: needs {printable(needs)}, which is not in this tree; "
                "put it in, or into a layer beside this one",
            )
        else:
            who = _listed(sorted({printable(reference.source) for reference in those}))
            yield finding(
                "dropped-dependency",
                f"{printable(needs)} is dropped, yet {who} may call it "
                f"({how}); keep it with --keep '/{printable(those[0].path)}' if so",
            )


def _with_file(reference: Reference) -> str:
    source, file = printable(reference.source), printable(reference.file)
    return f"{source} ({file})" if file else source


def _listed(names: Sequence[str]) -> str:
    shown = names if len(names) <= _SHOWN + 1 else [*names[:_SHOWN], f"{len(names) - _SHOWN} more"]
    return ", ".join(shown)
