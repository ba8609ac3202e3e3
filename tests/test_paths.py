"""What holds for every path of a tree, as its own parts tell it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slimmer.paths import folder_of, join, name_of, parents

PARTS = st.lists(st.text("ab.é ", min_size=1), min_size=1, max_size=5)


@given(PARTS)
def test_folder_and_name_make_the_path(parts: list[str]) -> None:
    path = "/".join(parts)
    assert name_of(path) == parts[-1]
    assert folder_of(path) == "/".join(parts[:-1])
    assert join(folder_of(path), name_of(path)) == path


@given(PARTS)
def test_parents_are_all_beginnings_innermost_first(parts: list[str]) -> None:
    beginnings = ["/".join(parts[:length]) for length in range(1, len(parts))]
    assert list(parents("/".join(parts))) == beginnings[::-1]


@given(PARTS, PARTS)
def test_what_lies_in_a_folder_begins_with_it(folder: list[str], inside: list[str]) -> None:
    top, path = "/".join(folder), "/".join(inside)
    assert join(top, path) == join(top, "") + path
    assert top in parents(join(top, path))
    assert join("", path) == path


def test_the_top_has_no_folder() -> None:
    assert list(parents("")) == list(parents("a")) == []
    assert (folder_of("a"), name_of("a"), join("", "")) == ("", "a", "")
