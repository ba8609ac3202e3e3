"""Gitignore patterns through pathspec, with an index that makes many of them fast.

A pattern matches a path when it matches the path itself or a folder above it. The walk
in :mod:`slimmer.rules` goes from folders to what they hold, so here a path is only asked
for what matches *it*; what matched a folder above is handed down.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from slimmer.errors import UsageError

_GLOB = re.compile(r"[*?\[\\]")
_PLAIN_SUFFIX = re.compile(r"\w+")


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression that pathspec makes of a gitignore pattern.

    It is to be matched from the start of a path relative to the pattern's root, folders
    with a ``/`` at their end. Raises UsageError for what is no such pattern, and for
    ``!pattern``, whose place is a keep.
    """
    if pattern.startswith("!"):
        raise UsageError(f"pattern {pattern!r} starts with '!'; put {pattern[1:]!r} under keep")
    try:
        regex = GitIgnoreSpecPattern(pattern).regex
    except GitIgnorePatternError:
        regex = None
    if regex is None:
        raise UsageError(f"{pattern!r} is no gitignore pattern")
    return regex


def is_literal(pattern: str) -> bool:
    """Return whether the pattern has no wildcard in it."""
    return _GLOB.search(pattern) is None


class PatternIndex:
    """Finds, among many patterns, those that match a path, trying only the few that could.

    Patterns are kept by what their last part demands of a name: to be it, to end in a
    given suffix, or anything else. Which one matches is always pathspec's word.
    """

    def __init__(self, patterns: Sequence[str]):
        self._by_name: dict[str, list[int]] = {}
        self._by_suffix: dict[str, list[int]] = {}
        self._others: list[int] = []
        self._regexes = [compile_pattern(pattern).match for pattern in patterns]
        for number, pattern in enumerate(patterns):
            self._file_away(number, pattern)

    def _file_away(self, number: int, pattern: str) -> None:
        last = pattern.rstrip("/").rpartition("/")[2]
        stem, dot, suffix = last.rpartition(".")
        if is_literal(last) and last == last.strip():
            self._by_name.setdefault(last, []).append(number)
        elif (
            dot
            and stem
            and _PLAIN_SUFFIX.fullmatch(suffix)
            and "**" not in stem
            and "[" not in stem
        ):
            self._by_suffix.setdefault(suffix, []).append(number)
        else:
            self._others.append(number)

    def matches(self, path: str, name: str) -> Iterable[int]:
        """Yield the numbers of the patterns that match ``path``, in no certain order.

        ``path`` is relative to the patterns' root, with a ``/`` at its end for a folder;
        ``name`` is its last part without one.
        """
        candidates = self._others
        by_name = self._by_name.get(name)
        if by_name is not None:
            candidates = candidates + by_name
        by_suffix = self._by_suffix.get(name.rpartition(".")[2])
        if by_suffix is not None:
            candidates = candidates + by_suffix
        for number in candidates:
            if self._regexes[number](path):
                yield number
