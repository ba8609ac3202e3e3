"""Gitignore patterns match as pathspec has them, at a cost that no pattern makes large."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from slimmer.errors import UsageError
from slimmer.rules.patterns import compile_pattern

PIECES = st.sampled_from(["a", "b", "*", "?", "/", "**/", ".", "[ab]", "[a-c]", "[!a]", "\\*", "-"])
PATHS = st.text("ab./-*c", min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=9).map("".join), st.lists(PATHS, max_size=8))
@example("a*[!a]*b", ["a/b", "aab", "axxb"])
@example("*a*b*ab", ["ab", "abab", "aabbab/x"])
def test_a_pattern_matches_as_pathspec_has_it(pattern: str, paths: list[str]) -> None:
    try:
        ours = compile_pattern(pattern)
    except UsageError:
        return
    theirs = GitIgnoreSpecPattern(pattern).regex
    assert isinstance(theirs, re.Pattern)
    for path in paths:
        assert bool(ours.match(path)) == bool(theirs.match(path)), (ours.pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*" * 3000 + "a", "b" * 200),
        ("a*" * 40 + "b/c*", "a" * 250 + "/c1"),
        ("a*[ab]*" * 20 + "?*b/c*", "a" * 250 + "/c1"),
        ("a*[a-z]*" * 20 + "-/c*", "a" * 250 + "/c1"),
    ],
)
def test_no_number_of_stars_makes_a_pattern_slow(pattern: str, path: str) -> None:
    assert compile_pattern(pattern).match(path) is None  # else it would not end today


def test_stars_between_classes_that_may_hold_a_slash_are_few() -> None:
    assert compile_pattern("a*[!b]*c").match("aac")
    with pytest.raises(UsageError, match="too many wildcards"):
        compile_pattern("a*[!b]*[!c]*[!d]*[!e]*f")
