"""Ownership: packs speak of what installers wrote, and of the user's own only where they may.

What no installer wrote is dropped by the user's words, and by the components that speak of it:
those of the aggressive tier and those that the user named. Their drops are called
``own/PACK-NAME``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from slimmer.model.findings import Finding, finding
from slimmer.model.owners import OWN, Claims
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import name_of, parents
from slimmer.rules.engine import Ruleset, decide, place_packs
from slimmer.rules.evidence.judge import Judge
from slimmer.rules.packs import Component, Pack
from slimmer.rules.patterns import PatternIndex
from slimmer.sizes import count_text, size_text
from slimmer.text import printable

PREFIX = "own/"
_SPECIAL = re.compile(r"[\\*?\[]")
_SHOWN = 3  # of the patterns that drop what was kept; more than that are dropped by name
_NO_CONTENT = ("macos/", "git/")  # owners of what lies in a user's folders and is no content
_LISTED = 5  # of their files


@dataclass(frozen=True)
class OwnedTree:
    """What is decided on: a tree, where packs are rooted in it, and the owner of each path."""

    tree: Tree
    roots: Mapping[str, tuple[str, ...]]
    owners: Mapping[str, str]
    #: What says whether the evidence of a drop holds.
    judge: Judge

    def decide(self, entries: Iterable[Entry], ruleset: Ruleset) -> dict[str, Verdict]:
        """Return the verdict of each entry, in which packs drop only what they speak of.

        ``entries`` must hold the folders above every entry, before it.
        """
        every = tuple(entries)
        verdicts = decide(every, place_packs(self.roots, ruleset), self.judge)
        own = [
            entry
            for entry in every
            if self.owners[entry.path] == OWN and _is_by_pack(verdicts[entry.path], ruleset)
        ]
        return verdicts | self.decide_own(own, ruleset)

    def decide_own(self, own: Iterable[Entry], ruleset: Ruleset) -> dict[str, Verdict]:
        """Return the verdicts of entries that are the user's own."""
        paths = {entry.path for entry in own}
        if not paths:
            return {}
        asked = sorted(paths.union(*map(parents, paths)))
        entries = (self.tree.by_path[path] for path in asked)
        verdicts = decide(entries, place_packs(self.roots, ruleset.for_own()), self.judge)
        return {path: verdicts[path] for path in paths}

    @cached_property
    def own_files(self) -> tuple[Entry, ...]:
        """The files and links that are the user's own."""
        kinds = (Kind.FILE, Kind.LINK)
        return tuple(e for e in self.tree.entries if self.owners[e.path] == OWN and e.kind in kinds)


def pack_claims(tree: Tree, packs: Iterable[Pack], roots: Mapping[str, Sequence[str]]) -> Claims:
    """Return what packs say that the installers of their kinds of tree wrote."""
    found = Claims()
    for pack in packs:
        installed = PatternIndex(pack.installed)
        for root in roots[pack.name] if pack.installed else ():
            for entry in tree.below(root) if root else tree.entries:
                inside, is_folder = (
                    entry.path.removeprefix(f"{root}/"),
                    entry.kind is Kind.DIRECTORY,
                )
                name = name_of(entry.path)
                if entry.path != root and installed.last(inside + "/" * is_folder, name) >= 0:
                    (found.folders if is_folder else found.files)[entry.path] = pack.name
    return found


def _is_by_pack(verdict: Verdict, ruleset: Ruleset) -> bool:
    return verdict.dropped and verdict.rule is not None and verdict.rule.component in ruleset.active


def name_own(
    verdicts: Mapping[str, Verdict], owners: Mapping[str, str], components: Mapping[str, Component]
) -> dict[str, Verdict]:
    """Return the verdicts with the drops of the user's own named as such."""
    named: dict[Rule, Verdict] = {}
    now = dict(verdicts)
    for path, verdict in verdicts.items():
        rule = verdict.rule
        if not verdict.dropped or owners[path] != OWN or rule is None:
            continue
        component = components.get(rule.component)
        if component is not None and not component.name.startswith("project/"):
            if rule not in named:
                own = rule._replace(component=own_name(component.name), title=component.title)
                named[rule] = Verdict(Action.DROP, own)
            now[path] = named[rule]
    return now


def own_name(component: str) -> str:
    """Return what the drops of a component are called where they are the user's own."""
    return component if component.startswith(PREFIX) else PREFIX + component.replace("/", "-")


def own_findings(
    owned: OwnedTree,
    ruleset: Ruleset,
    verdicts: Mapping[str, Verdict],
    active: Collection[str],
) -> Iterator[Finding]:
    """Yield what of the user's own was dropped, and for each component what was kept.

    ``ruleset`` has all components switched on that the user did not switch off; ``active`` are
    the names of those that are on.
    """
    dropped = [entry for entry in owned.own_files if _is_named(verdicts[entry.path])]
    if dropped:
        yield _dropped(dropped, verdicts)
    if litter := [e for e in owned.tree.entries if _is_litter(e, owned, verdicts)]:
        yield _litter(litter, verdicts)
    kept = [entry for entry in owned.own_files if _is_plain(verdicts[entry.path])]
    around = [owned.tree.by_path[folder] for folder in _held(kept)]
    hints = owned.decide_own([*kept, *around], replace(ruleset, of_own=ruleset.active))
    by_component: dict[str, list[Entry]] = {}
    for entry in kept:
        rule = hints[entry.path].rule
        if rule is not None and hints[entry.path].dropped:
            by_component.setdefault(rule.component, []).append(entry)
    held = _held(e for e in owned.tree.entries if e.kind is not Kind.DIRECTORY)
    named = {folder.path: held[folder.path] for folder in around if hints[folder.path].dropped}
    for component, entries in sorted(by_component.items()):
        yield _kept(component, entries, named, is_on=component in active)


def _held(entries: Iterable[Entry]) -> Counter[str]:
    """Return how many of these entries each folder holds, at any depth."""
    return Counter(folder for entry in entries for folder in parents(entry.path))


def _is_plain(verdict: Verdict) -> bool:
    """Return whether an entry is kept, and neither the user nor a guard asked for that."""
    return verdict.kept and (verdict.rule is None or verdict.rule.action is Action.SPARE)


def _is_named(verdict: Verdict) -> bool:
    return (
        verdict.dropped and verdict.rule is not None and verdict.rule.component.startswith(PREFIX)
    )


def _dropped(entries: Sequence[Entry], verdicts: Mapping[str, Verdict]) -> Finding:
    counts: dict[str, int] = {}
    for entry in entries:
        rule = verdicts[entry.path].rule
        if rule is not None:
            counts[rule.component] = counts.get(rule.component, 0) + 1
    names = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
    return finding(
        "own-dropped",
        f"{_amount(entries)} of your own, which no installer wrote, dropped: {names}; "
        "keep what runs needs with --keep",
    )


def _is_litter(entry: Entry, owned: OwnedTree, verdicts: Mapping[str, Verdict]) -> bool:
    is_file = entry[1] is not Kind.DIRECTORY
    owner = owned.owners[entry[0]]
    return is_file and owner.startswith(_NO_CONTENT) and verdicts[entry[0]].dropped


def _litter(entries: Sequence[Entry], verdicts: Mapping[str, Verdict]) -> Finding:
    """Return what is said of files that a desktop or git left in the user's folders."""
    gone: dict[str, None] = {}
    for entry in entries:
        rule = verdicts[entry.path].rule
        folders = [
            f for f in parents(entry.path) if verdicts[f].dropped and verdicts[f].rule == rule
        ]
        gone[f"{folders[-1]}/" if folders else entry.path] = None
    shown = [printable(path) for path in list(gone)[:_LISTED]]
    shown += [f"{len(gone) - _LISTED:,} more"] if len(gone) > _LISTED else []
    return finding(
        "own-dropped",
        f"{_amount(entries)} that a desktop or git left beside your own dropped: "
        f"{', '.join(shown)}",
    )


def _kept(
    component: str, entries: Sequence[Entry], named: Mapping[str, int], *, is_on: bool
) -> Finding:
    """Return what is said of one component; ``named`` is what the folders hold that rules name."""
    whole = {folder for folder, count in _held(entries).items() if count == named.get(folder)}
    patterns = list(dict.fromkeys(_pattern(entry.path, whole) for entry in entries))
    words = patterns if len(patterns) <= _SHOWN else [component]
    drops = " ".join(f"--drop '{printable(word)}'" for word in words)
    also = ", which drops those of packages too" if words is not patterns and not is_on else ""
    where = f", such as {printable(entries[0].path)}" if words is not patterns else ""
    return finding(
        "own-kept",
        f"{component}: {_amount(entries)} of your own kept{where}; if nothing reads them, "
        f"{drops}{also}",
    )


def _pattern(path: str, whole: set[str]) -> str:
    """Return the pattern of the outermost folder that is told as a whole, or of the path."""
    alone = [folder for folder in parents(path) if folder in whole]
    return "/" + _SPECIAL.sub(r"\\\g<0>", f"{alone[-1]}/" if alone else path)


def _amount(entries: Sequence[Entry]) -> str:
    size_bytes = sum(entry.size_bytes for entry in entries)
    return f"{count_text(len(entries), 'file')} ({size_text(size_bytes)})"
