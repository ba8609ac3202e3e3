"""What holds for every rule pack and every tree."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from slimmer.config.settings import Settings
from slimmer.decide.selection import select
from slimmer.model.rules import Action, Rule, Selector, Tier, Verdict
from slimmer.model.tree import Kind, Tree
from slimmer.rules.engine import Ruleset, decide, find_roots, place_packs
from slimmer.rules.packs import Pack
from slimmer.rules.patterns import compile_pattern
from tests.laws.strategies import pack_sets, patterns, trees


def verdicts_of(tree: Tree, ruleset: Ruleset) -> dict[str, Verdict]:
    return decide(tree.entries, place_packs(find_roots(tree, ruleset.packs), ruleset), holds)


def holds(_rule: Rule, _path: str, _root: str) -> bool:
    return True


def at(packs: Iterable[Pack], tier: Tier, keep: str = "", drop: str = "") -> Ruleset:
    packs = tuple(packs)
    active = {c.name for pack in packs for c in pack.components if c.tier <= tier}
    kept = (Rule("user/keep", Action.KEEP, keep, "", ""),) if keep else ()
    dropped = (Rule("user/drop", Action.DROP, drop, "", ""),) if drop else ()
    return Ruleset(packs, frozenset(active), (*dropped, *kept))


def dropped(verdicts: dict[str, Verdict]) -> set[str]:
    return {path for path, verdict in verdicts.items() if verdict.action is Action.DROP}


def matches(pattern: str, tree: Tree, path: str) -> bool:
    is_folder = tree.by_path[path].kind is Kind.DIRECTORY
    return compile_pattern(pattern).match(path + "/" * is_folder) is not None


def naive_pack_verdict(rules: list[Rule], tree: Tree, path: str) -> Rule | None:
    """The definition, without an index: the last rule that matches the path."""
    return next((rule for rule in reversed(rules) if matches(rule.pattern, tree, path)), None)


@given(trees(), pack_sets, st.sampled_from(Tier))
def test_the_last_matching_rule_of_a_pack_wins_and_always_beats_drop(
    tree: Tree, packs: tuple[Pack, Pack], tier: Tier
) -> None:
    ruleset = at(packs, tier)
    verdicts = verdicts_of(tree, ruleset)
    for path, verdict in verdicts.items():
        said = [naive_pack_verdict(ruleset.pack_rules(pack), tree, path) for pack in packs]
        actions = {rule.action for rule in said if rule is not None}
        is_dropped = Action.DROP in actions and Action.KEEP not in actions
        assert (verdict.action is Action.DROP) == is_dropped
        if is_dropped:
            assert verdict.rule in said


@given(trees(), pack_sets, st.sampled_from(Tier))
def test_the_order_of_packs_does_not_matter(
    tree: Tree, packs: tuple[Pack, Pack], tier: Tier
) -> None:
    assert verdicts_of(tree, at(packs, tier)) == verdicts_of(tree, at(packs[::-1], tier))


@given(trees(), pack_sets, patterns(), patterns())
def test_nothing_that_a_keep_names_is_dropped(
    tree: Tree, packs: tuple[Pack, Pack], keep: str, drop: str
) -> None:
    gone = dropped(verdicts_of(tree, at(packs, Tier.AGGRESSIVE, keep, drop)))
    assert not [path for path in gone if matches(keep, tree, path)]


@given(trees(), pack_sets, patterns())
def test_what_the_user_drops_is_dropped(tree: Tree, packs: tuple[Pack, Pack], drop: str) -> None:
    gone = dropped(verdicts_of(tree, at(packs, Tier.SAFE, drop=drop)))
    assert {path for path in tree.by_path if matches(drop, tree, path)} <= gone


@given(trees(), pack_sets, patterns())
def test_adding_a_drop_never_keeps_more(tree: Tree, packs: tuple[Pack, Pack], drop: str) -> None:
    fewer = dropped(verdicts_of(tree, at(packs, Tier.DEFAULT)))
    assert fewer <= dropped(verdicts_of(tree, at(packs, Tier.DEFAULT, drop=drop)))


@given(trees(), pack_sets)
def test_a_further_tier_drops_at_least_as_much(tree: Tree, packs: tuple[Pack, Pack]) -> None:
    by_tier = [dropped(verdicts_of(tree, at(packs, tier))) for tier in Tier]
    assert by_tier[0] <= by_tier[1] <= by_tier[2]


@given(trees(), pack_sets, st.sampled_from(Tier))
def test_every_drop_names_a_rule_that_matches(
    tree: Tree, packs: tuple[Pack, Pack], tier: Tier
) -> None:
    for path, verdict in verdicts_of(tree, at(packs, tier)).items():
        if verdict.action is Action.DROP:
            assert verdict.rule is not None
            assert matches(verdict.rule.pattern, tree, path)


@given(trees(), pack_sets, st.sampled_from(Tier), st.data())
def test_a_named_component_is_on_or_off_whatever_the_tier(
    tree: Tree, packs: tuple[Pack, Pack], tier: Tier, data: st.DataObject
) -> None:
    names = [component.name for pack in packs for component in pack.components]
    name = data.draw(st.sampled_from(names))
    on = select(packs, Settings(tier=tier, drop=(Selector(name, "--drop"),)), tree)
    off = select(packs, Settings(tier=tier, keep=(Selector(name, "--keep"),)), tree)
    assert name in on.active
    assert name not in off.active
    assert on.active - {name} == off.active
