"""What a shrink leaves of functions: each feature works, or its failure names the row.

Wrong uses of what the shrink was shown answer as before, and what it was not shown is never
answered otherwise without a word.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trees import probed, proofs

LOUD = {probed.WORKS, probed.NAMED}
pytestmark = [pytest.mark.real, pytest.mark.heavy]


@pytest.mark.parametrize("name", probed.LAYOUTS)
def test_a_feature_works_or_its_failure_names_the_row(name: str, tmp_path: Path) -> None:
    if name == proofs.EIGHT and sys.version_info[:2] != (3, 11):
        pytest.skip("the wheels are for Python 3.11")
    tree = probed.lay_out(name, tmp_path / "work")
    uses, wrong, others = (tree.names(kind) for kind in ("use", "bad", "new"))
    assert (len(uses), len(wrong), len(others)) == (4, 10, 10)
    before = tree.ask(tree.build("before.zip"), [*uses, *wrong, *others])
    for options in (("--guard-drops",), ("--guard-drops", "--within-units")):
        found = tree.shrunk(uses, before, *options)
        assert {name: found[name] for name in (*uses, *wrong)} == dict.fromkeys(
            (*uses, *wrong), probed.WORKS
        )
        assert set(found.values()) <= LOUD, found
    fourth = {uses[-1]: before[uses[-1]]}
    assert set(tree.shrunk(uses[:-1], fourth, "--guard-drops").values()) <= LOUD
