"""A name is no evidence: where what a rule asks for is not there, its component drops nothing."""

from __future__ import annotations

import pytest

from slimmer.model.rules import Action
from slimmer.rules.packs import Component, Pack, load_packs
from tests.support.evidence import drops, failing, holding, matched, without_evidence

PACKS = load_packs()
COMPONENTS = [(pack, component) for pack in PACKS for component in pack.components]


@pytest.mark.parametrize(("pack", "component"), COMPONENTS, ids=lambda value: value.name)
def test_no_pattern_drops_where_its_evidence_is_not_there(pack: Pack, component: Component) -> None:
    alone = pack._replace(components=(component,))
    bare = without_evidence(pack, component)
    for rule in component.rules:
        if rule.action is not Action.DROP:
            continue
        unit = matched(rule.pattern)
        tree = holding(component, unit)
        assert drops(alone, component, unit, tree), f"{rule.pattern}: kept {sorted(tree)}"
        tried = list(failing(component, rule.pattern))
        assert tried, f"{rule.pattern}: its name alone drops it"
        for word, place, files in tried:
            said = f"{rule.pattern} without {word}: {sorted(files)}"
            assert not drops(alone, component, place, files), f"drops {said}"
            assert drops(*bare, place, files), f"not the evidence keeps {said}"
