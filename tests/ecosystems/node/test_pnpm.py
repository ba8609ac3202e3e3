"""The link to the project itself that ``pnpm deploy`` leaves does not stop a build."""

from __future__ import annotations

import pytest

from slimmer.errors import InputError
from tests.support.decide import decide, dropped
from tests.support.trees import MemorySource

STORE = "node_modules/.pnpm"
FILES = {f"{STORE}/web@1.0.0/node_modules/web/package.json": b'{"name": "web", "version": "1.0.0"}'}
INSIDE = {f"{STORE}/node_modules/web": "../web@1.0.0/node_modules/web"}


@pytest.mark.parametrize("target", ["../../../../../apps/app", "/home/me/apps/app"])
@pytest.mark.parametrize("name", ["app", "@me/app"])
def test_the_link_to_the_project_goes_and_the_others_stay(name: str, target: str) -> None:
    link = f"{STORE}/node_modules/{name}"
    decision = decide(MemorySource(FILES, {**INSIDE, link: target}))
    assert dropped(decision) == {link}
    rule = decision.verdicts[link].rule
    assert rule is not None
    assert rule.component == "node/hoisted"


def test_any_other_link_that_leaves_the_tree_is_still_refused() -> None:
    with pytest.raises(InputError, match=r"node_modules/app: the link to .* leaves the tree"):
        decide(MemorySource(FILES, {"node_modules/app": "../../app"}))
