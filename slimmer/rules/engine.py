"""The rule engine: packs and a tree in, one verdict for each entry out.

Inside a pack the last matching rule wins; only the components that are switched on may
drop, but what a component spares is knowledge, and counts whether or not it is on. To
spare is to have no objection: another pack may still drop. What a pack always keeps, no
component of any pack drops; of two drops the one of the deeper root is named. The user's
words overrule every pack. So the order in which packs are given changes nothing, and a
further drop never keeps more.

A drop counts only where its evidence holds for what its pattern matches: a name is no evidence.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.rules.packs import Component, Pack
from slimmer.rules.patterns import Demand, PatternIndex, sieve

USER = "user"
KEPT = Verdict(Action.KEEP)

#: Whether the evidence of a rule holds for what it matches: the rule, the path, its pack's root.
Holds = Callable[[Rule, str, str], bool]


class PackRoot(NamedTuple):
    """A pack at one of its roots; the root is a path in the tree, or empty for the tree."""

    root: str
    pack: str
    rules: RuleList
    linkable: PatternIndex
    media: PatternIndex
    groups: PatternIndex
    copies: PatternIndex

    def inside(self, path: str) -> str:
        """Return a path of the tree as it stands below this root."""
        return path[len(self.root) + 1 :] if self.root else path

    def may_link(self, path: str, name: str) -> bool:
        """Return whether the pack says that this file may become a link to an identical one."""
        return self._speaks_of(self.linkable, path, name)

    def is_media(self, path: str, name: str) -> bool:
        """Return whether the pack says that servers hand this file out."""
        return self._speaks_of(self.media, path, name)

    def is_copy(self, path: str, name: str) -> bool:
        """Return whether the pack says that installers write this file twice."""
        return self._speaks_of(self.copies, path, name)

    def is_group(self, folder: str, name: str) -> bool:
        """Return whether the pack sums up what it keeps by this folder."""
        return self._speaks_of(self.groups, folder, name, "/")

    def is_group_file(self, path: str, name: str) -> bool:
        """Return whether the pack sums up what it keeps by this file alone."""
        return self._speaks_of(self.groups, path, name)

    def holds(self, path: str) -> bool:
        """Return whether a path lies below this root."""
        return not self.root or path.startswith(self.root + "/")

    def _speaks_of(self, index: PatternIndex, path: str, name: str, end: str = "") -> bool:
        if not self.holds(path):
            return False
        return index.last(self.inside(path) + end, name) >= 0


class RuleList:
    """Rules in the order of their weight, with the index that finds them by path."""

    def __init__(self, rules: Sequence[Rule]):
        self.rules = tuple(rules)
        self.overrulable = sum(rule.action is not Action.KEEP for rule in self.rules)
        self.index = PatternIndex([rule.pattern for rule in self.rules])


@dataclass(frozen=True)
class Ruleset:
    """Everything that decides: the packs, which components may drop, the user's words.

    ``user`` are the user's patterns, relative to the tree, the weightiest last.
    """

    packs: tuple[Pack, ...]
    active: frozenset[str]
    user: tuple[Rule, ...] = ()
    #: The active components that may also drop what is the user's own.
    of_own: frozenset[str] = frozenset()

    @cached_property
    def components(self) -> dict[str, Component]:
        """The components of all packs by their full name."""
        return {component.name: component for pack in self.packs for component in pack.components}

    def for_own(self) -> Ruleset:
        """Return what decides on the user's own: the same, with fewer components switched on."""
        return replace(self, active=self.active & self.of_own)

    def without(self, rules: frozenset[Rule]) -> Ruleset:
        """Return the same ruleset without these words of the user's and these components."""
        user = tuple(rule for rule in self.user if rule not in rules)
        return replace(self, active=self.active - {rule.component for rule in rules}, user=user)

    def pack_rules(self, pack: Pack) -> list[Rule]:
        """Return the rules of a pack that count, the weightiest last."""
        rules = [
            rule
            for component in pack.components
            for rule in component.rules
            if rule.action is Action.SPARE or component.name in self.active
        ]
        return rules + list(pack.always)


def find_roots(tree: Tree, packs: Iterable[Pack]) -> dict[str, tuple[str, ...]]:
    """Return the roots of every pack in the tree, by the pack's name, in path order."""
    roots: dict[str, set[str]] = {pack.name: set() for pack in packs}
    wanted: dict[str, list[tuple[str, list[str]]]] = {}
    for pack in packs:
        for pattern in pack.detect:
            if pattern == ".":
                roots[pack.name].add("")
                continue
            parts = pattern.split("/")
            wanted.setdefault(parts[-1], []).append((pack.name, parts))
    names = tuple(wanted)
    for path in [entry[0] for entry in tree.entries if entry[0].endswith(names)]:
        for name, parts in wanted.get(path.rpartition("/")[2], ()):
            root = _root_of(path, parts)
            if root is not None:
                roots[name].add(root)
    return {name: tuple(sorted(found)) for name, found in roots.items()}


def _root_of(path: str, parts: Sequence[str]) -> str | None:
    names = path.split("/")
    above = len(names) - len(parts)
    if above < 0:
        return None
    if all(map(fnmatch.fnmatchcase, names[above:], parts)):
        return "/".join(names[:above])
    return None


def place_packs(roots: Mapping[str, tuple[str, ...]], ruleset: Ruleset) -> list[PackRoot]:
    """Return every pack at every one of its roots, and the user's words at the tree."""
    nothing = PatternIndex(())
    pack_roots = [PackRoot("", USER, RuleList(ruleset.user), nothing, nothing, nothing, nothing)]
    for pack in ruleset.packs:
        if roots.get(pack.name):
            rules = RuleList(ruleset.pack_rules(pack))
            linkable, media = PatternIndex(pack.linkable), PatternIndex(pack.media)
            groups, copies = PatternIndex(pack.groups), PatternIndex(pack.copies)
            pack_roots += [
                PackRoot(root, pack.name, rules, linkable, media, groups, copies)
                for root in roots[pack.name]
            ]
    return sorted(
        pack_roots,
        key=lambda pack_root: (pack_root.root.count("/"), pack_root.root, pack_root.pack),
    )


class _Rooted:
    """The pack roots that hold in some folder, the outermost first, and their scopes so far."""

    def __init__(self, pack_roots: tuple[PackRoot, ...]):
        self.pack_roots = pack_roots
        self._scopes: dict[tuple[int, ...], _Scope] = {}

    def scope(self, best: tuple[int, ...]) -> _Scope:
        """Return the scope with these last matches, always the same one for the same."""
        known = self._scopes.get(best)
        if known is None:
            verdict = _weigh(self.pack_roots, best)
            passes = sieve(self._demands(best, verdict))
            known = self._scopes[best] = _Scope(self, best, verdict, passes)
        return known

    def _demands(self, best: tuple[int, ...], verdict: Verdict) -> Iterator[Demand]:
        """Yield what the rules demand whose match in a file could still matter.

        Where a folder is dropped by one pack, the packs further out can only change that
        by what they always keep; and a rule can only spare what another drops.
        """
        inside_dropper = verdict.action is not Action.DROP
        for pack_root, number in zip(self.pack_roots, best, strict=True):
            rules = pack_root.rules
            inside_dropper |= number >= 0 and rules.rules[number] is verdict.rule
            only_always = not inside_dropper and pack_root.pack != USER
            start = max(number + 1, rules.overrulable if only_always else 0)
            for rule, demand in zip(rules.rules[start:], rules.index.demands[start:], strict=True):
                if number >= 0 or rule.action is not Action.SPARE:
                    yield demand


class _Scope(NamedTuple):
    """What holds in a folder: pack roots, the last rule of each that matched, the verdict.

    ``passes`` says of a file's name that no rule can change the verdict.
    """

    rooted: _Rooted
    best: tuple[int, ...]
    verdict: Verdict
    passes: Callable[[str], bool]


def _weigh(pack_roots: Sequence[PackRoot], best: Sequence[int]) -> Verdict:
    """Return the verdict of the last matches of several pack roots, the outermost first."""
    said: dict[Action, Rule] = {}
    for pack_root, number in zip(pack_roots, best, strict=True):
        if number < 0:
            continue
        rule = pack_root.rules.rules[number]
        if pack_root.pack == USER:
            return Verdict(rule.action, rule)
        said[rule.action] = rule
    if Action.DROP in said and Action.KEEP not in said:
        return Verdict(Action.DROP, said[Action.DROP])
    return Verdict(Action.KEEP, said.get(Action.KEEP) or said.get(Action.SPARE))


def decide(
    entries: Iterable[Entry], pack_roots: Sequence[PackRoot], holds: Holds
) -> dict[str, Verdict]:
    """Return the verdict of each entry by its path.

    ``entries`` must hold the folders above every entry, before it, as a tree does. A drop whose
    evidence does not hold for what its pattern matches says nothing there.
    """
    by_root: dict[str, tuple[PackRoot, ...]] = {}
    for pack_root in pack_roots:
        by_root[pack_root.root] = (*by_root.get(pack_root.root, ()), pack_root)
    outer = by_root.get("", ())
    scopes = {"": _Rooted(outer).scope((-1,) * len(outer))}
    verdicts: dict[str, Verdict] = {}
    directory = Kind.DIRECTORY
    scope = scopes[""]
    last_folder, passes, verdict = "", scope.passes, scope.verdict
    for entry in entries:
        path = entry[0]
        folder, _, name = path.rpartition("/")
        if folder != last_folder:  # most entries lie where the one before them does
            last_folder, scope = folder, scopes[folder]
            passes, verdict = scope.passes, scope.verdict
        if entry[1] is directory:
            inner = _narrow(scope, path + "/", name, holds)
            verdicts[path] = _said(scope, inner, path + "/", name)
            scopes[path] = _enter(inner, by_root.get(path, ()))
        elif passes(name):
            verdicts[path] = verdict
        else:
            verdicts[path] = _said(scope, _narrow(scope, path, name, holds), path, name)
    return verdicts


def _said(outer: _Scope, inner: _Scope, path: str, name: str) -> Verdict:
    """Return the verdict of ``inner``; a rule that spares what nothing drops says nothing."""
    verdict = inner.verdict
    if inner is outer or verdict.rule is None or verdict.rule.action is not Action.SPARE:
        return verdict
    for pack_root, before, number in zip(
        inner.rooted.pack_roots, outer.best, inner.best, strict=True
    ):
        if number >= 0 and pack_root.rules.rules[number] is verdict.rule:
            return verdict if _spares(pack_root, path, name, before, number) else KEPT
    return verdict


def _spares(pack_root: PackRoot, path: str, name: str, before: int, number: int) -> bool:
    """Return whether the rule ``number`` spares a path that an earlier rule drops."""
    rules = pack_root.rules.rules
    if before >= 0 and rules[before].action is Action.DROP:
        return True
    while number >= 0 and rules[number].action is not Action.DROP:
        number = pack_root.rules.index.last(pack_root.inside(path), name, below=number)
    return number >= 0


def _enter(scope: _Scope, roots: tuple[PackRoot, ...]) -> _Scope:
    """Return the scope inside a folder at which further packs are rooted."""
    if not roots:
        return scope
    rooted = _Rooted((*scope.rooted.pack_roots, *roots))
    return rooted.scope((*scope.best, *(-1 for _ in roots)))


def _narrow(scope: _Scope, path: str, name: str, holds: Holds) -> _Scope:
    """Return the scope of ``path``: its folder's, with what matches the path itself."""
    best = tuple(
        _last(pack_root, path, name, before, holds)
        for pack_root, before in zip(scope.rooted.pack_roots, scope.best, strict=True)
    )
    return scope if best == scope.best else scope.rooted.scope(best)


def _last(pack_root: PackRoot, path: str, name: str, before: int, holds: Holds) -> int:
    """Return the last rule of a pack that matches a path and has its evidence, or ``before``."""
    index, inside = pack_root.rules.index, pack_root.inside(path)
    number = index.last(inside, name, before)
    while number > before:
        rule = pack_root.rules.rules[number]
        if not rule.evidence or holds(rule, path.rstrip("/"), pack_root.root):
            break
        number = index.last(inside, name, before, number)
    return number
