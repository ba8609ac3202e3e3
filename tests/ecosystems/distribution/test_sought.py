"""The words that stand for an expression miss none of its matches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.ecosystems.distribution import by_name, emulator
from slimmer.ecosystems.distribution.sought import Sought

ALL = [
    *(each for module in (by_name, emulator) for each in vars(module).values()),
    *(each for asked in emulator._PROGRAMS.values() for each in asked),
    *emulator._PIPED,
]
SOUGHT = [each for each in ALL if isinstance(each, Sought)]


@pytest.mark.parametrize("sought", SOUGHT, ids=lambda each: each.pattern.pattern.decode()[:40])
@given(data=st.data())
def test_each_match_has_one_of_the_words(sought: Sought, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(sought.pattern))
    assert sought.is_in(text)


def test_a_word_by_itself_is_no_match() -> None:
    assert not by_name._TABLE.is_in(b"a leap of faith\n")
