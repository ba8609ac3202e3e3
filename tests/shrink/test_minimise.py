"""Delta debugging: what the test needs stays, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slimmer.shrink.minimise import minimise

PARTS = st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=12)


@given(PARTS, st.data())
def test_what_is_needed_stays_and_the_rest_goes(parts: list[str], data: st.DataObject) -> None:
    needed = frozenset(data.draw(st.lists(st.sampled_from(parts)) if parts else st.just([])))
    found = minimise(parts, needed.isdisjoint)
    assert found.dropped == frozenset(parts) - needed
    assert found.complete


@given(PARTS, st.data(), st.integers(0, 6))
def test_bounds_leave_what_was_proven(parts: list[str], data: st.DataObject, most: int) -> None:
    """A test may hold for any sets at all; what comes out was tried, and within the bound."""
    outcomes = data.draw(st.lists(st.booleans(), min_size=200, max_size=200))
    tried: dict[frozenset[str], bool] = {}

    def passes(dropped: frozenset[str]) -> bool:
        return tried.setdefault(dropped, outcomes[len(tried)])

    found = minimise(parts, passes, lambda runs: runs < most)
    assert found.runs <= most
    assert not found.dropped or tried[found.dropped]
