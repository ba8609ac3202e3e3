"""The newest runtimes: slimmed at each tier, they answer as before in a root of their own."""

from __future__ import annotations

import pytest

from scripts.runtimes_table import TIERS, measured
from tests.real.need import absent
from trees import Unavailable, newest

pytestmark = [pytest.mark.real, pytest.mark.heavy]


@pytest.mark.parametrize("runtime", newest.RUNTIMES, ids=lambda runtime: runtime.name)
def test_a_runtime_answers_as_before_at_each_tier(runtime: newest.Runtime) -> None:
    try:
        row = measured(runtime)
    except Unavailable as reason:
        absent(str(reason))
    assert {tier: cell.same for tier, cell in row.cells.items()} == dict.fromkeys(TIERS, True)
    sizes = [row.tree_bytes, *(row.cells[tier].unzipped_bytes for tier in TIERS)]
    assert sizes[1:] == sorted(sizes[1:], reverse=True)
