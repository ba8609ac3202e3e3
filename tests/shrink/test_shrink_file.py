"""The file of what no event needs: what is written is read, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.config.shrink_file import parse_shrink, shrink_text
from slimmer.errors import UsageError
from slimmer.model.shrunk import Shrunk, ShrunkUnit

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip)


def _row(paths: list[str], hollow: int, **values: Any) -> ShrunkUnit:
    """Return a row; of its paths so many stay without their bytes."""
    return ShrunkUnit(paths=tuple(sorted(paths)), hollow=tuple(sorted(paths)[:hollow]), **values)


ROWS = st.builds(
    _row,
    hollow=st.integers(0, 4),
    unit=TEXT,
    digest=st.text("0123456789abcdef", min_size=16, max_size=16),
    size_bytes=st.integers(1, 2**53),
    why=TEXT,
    place=st.just(""),
    paths=st.lists(TEXT, unique=True, max_size=4),
    inside=st.just("") | TEXT,
)


@given(st.lists(ROWS, max_size=5, unique_by=lambda row: row.unit), st.booleans())
def test_what_is_written_is_read(rows: list[ShrunkUnit], guarded: bool) -> None:
    notes = ["1 event, 3 runs"]
    text = shrink_text(Shrunk(tuple(rows), guarded), notes, "slim.shrink.toml")
    assert text == shrink_text(Shrunk((*reversed(rows),), guarded), notes, "slim.shrink.toml")
    read = parse_shrink(text, "slim.shrink.toml")
    assert [row._replace(place="") for row in read.units] == sorted(rows)
    assert read.guarded == guarded


def test_each_row_knows_its_line() -> None:
    rows = (ShrunkUnit("python/a", "0" * 16, 1, "no"), ShrunkUnit("python/b", "0" * 16, 1, "no"))
    text = shrink_text(Shrunk(rows), [], "slim.shrink.toml")
    for row in parse_shrink(text, "slim.shrink.toml").units:
        line = text.splitlines()[int(row.place.partition(":")[2]) - 1]
        assert line == f'name = "{row.unit}"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.toml:1: format is missing in the top of the file"),
        ("format = 2\n", "x.toml:1: format 2 is not known; run slim shrink again"),
        ("format = 1\n[[unit]]\n", "x.toml:2: name is missing in [unit]"),
        ("format = 1\nother = 1\n", "x.toml:2: unknown key 'other'"),
    ],
)
def test_a_file_that_cannot_be_followed_names_the_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"^x\.toml") as error:
        parse_shrink(text, "x.toml")
    assert str(error.value).startswith(said)
