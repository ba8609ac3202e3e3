"""What is reached from roots, for any uses."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slimmer.model.uses import Reach, Use, Uses, reach

PARTS = [f"python/{name}" for name in "abcdefg"] + ["/app.py", "/other.py"]
UNITS = frozenset(part for part in PARTS if not part.startswith("/"))

uses = st.lists(st.builds(Use, st.sampled_from(PARTS), st.sampled_from(PARTS), st.just("how")))
roots = st.sets(st.sampled_from(PARTS))


def reached(found: list[Use], start: set[str]) -> Reach:
    return reach([Uses(UNITS, tuple(found))], start)


def closure(found: list[Use], start: set[str]) -> set[str]:
    """Return what is reached, as the plainest code would find it."""
    seen = set(start)
    while more := {u.used for u in found if u.user in seen} - seen:
        seen |= more
    return seen


@given(uses, roots)
def test_all_that_roots_ask_for_is_reached_and_nothing_else(
    found: list[Use], start: set[str]
) -> None:
    answer = reached(found, start)
    assert answer.via.keys() == closure(found, start)
    assert answer.unreached == UNITS - answer.via.keys()


@given(uses, roots)
def test_the_order_of_uses_changes_nothing(found: list[Use], start: set[str]) -> None:
    assert reached(found[::-1], start) == reached(found, start) == reached(sorted(found), start)


@given(uses, roots)
def test_a_chain_leads_from_a_root_by_uses_that_there_are(
    found: list[Use], start: set[str]
) -> None:
    answer = reached(found, start)
    pairs = {(use.user, use.used) for use in found}
    for part in answer.via:
        chain = answer.chain(part)
        assert chain[0] in start
        assert chain[-1] == part
        assert all(pair in pairs for pair in pairwise(chain))
        shorter = {p for p in answer.via if len(answer.chain(p)) < len(chain) - 1}
        assert not any((p, part) in pairs for p in shorter)  # the chain is a shortest one


@given(uses, uses, roots)
def test_more_uses_leave_no_more_unreached(
    found: list[Use], more: list[Use], start: set[str]
) -> None:
    assert reached(found + more, start).unreached <= reached(found, start).unreached
