"""The words that stand for an expression miss none of its matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.ecosystems.distribution import by_name, emulator, starters
from slimmer.ecosystems.distribution.sought import Sought, sought


def all_of(value: object) -> Iterator[Sought]:
    """Yield what is looked for in a module's tables, however deep."""
    if isinstance(value, Sought):
        yield value
    elif isinstance(value, tuple | list | Mapping):
        each = value.values() if isinstance(value, Mapping) else value
        yield from (found for one in each for found in all_of(one))


SOUGHT = [
    *all_of([table for module in (by_name, emulator, starters) for table in vars(module).values()])
]


@pytest.mark.parametrize("wanted", SOUGHT, ids=lambda each: each.pattern.pattern.decode()[:40])
@given(data=st.data())
def test_each_match_has_one_of_the_words(wanted: Sought, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(wanted.pattern))
    assert wanted.is_in(text)


def test_a_word_by_itself_is_no_match() -> None:
    leap = sought(rb"leap-?seconds", b"leap")
    assert leap.may_be_in(b"a leap of faith")
    assert not leap.is_in(b"a leap of faith")
