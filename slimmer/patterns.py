"""Gitignore patterns through pathspec, with an index that makes many of them fast.

A pattern matches a path when it matches the path itself or a folder above it. The walk
in :mod:`slimmer.rules` goes from folders to what they hold, so here a path is only asked
for what matches *it*; what matched a folder above is handed down.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from slimmer.errors import UsageError

_GLOB = re.compile(r"[*?\[\\]")
_PLAIN_SUFFIX = re.compile(r"\w+")
_UNLIKE_FNMATCH = re.compile(r"\\|\*\*|\[(?![\w.-]+\])|\s$")
_NEVER = re.compile(r"(?!)")
_PLAIN_END = re.compile(r"[^*?\]\\\s]$")
_FIRST = re.compile(r"\[([A-Za-z0-9]+)\]|([^*?\[\\])")


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" is plain in gitignore
            regex = GitIgnoreSpecPattern(pattern).regex
    except (GitIgnorePatternError, re.error):
        regex = None
    if regex is None:
        raise UsageError(f"{pattern!r} is no gitignore pattern")
    return regex


def is_literal(pattern: str) -> bool:
    """Return whether the pattern has no wildcard in it."""
    return _GLOB.search(pattern) is None


class PatternIndex:
    """Finds, among many patterns, the last that matches a path, trying only those that could.

    Patterns are filed by what their last part demands of a name: to be it, to end in a
    given suffix, or anything else. Which one matches is always pathspec's word.
    """

    def __init__(self, patterns: Sequence[str]):
        self._regexes = [compile_pattern(pattern).match for pattern in patterns]
        self.demands = [_demand(pattern) for pattern in patterns]
        self._names: dict[str, tuple[int, ...]] = {}
        self._suffixes: dict[str, tuple[int, ...]] = {}
        for number, demand in enumerate(self.demands):
            if demand.name is not None:
                self._names[demand.name] = (*self._names.get(demand.name, ()), number)
            elif demand.suffix is not None:
                self._suffixes[demand.suffix] = (*self._suffixes.get(demand.suffix, ()), number)
        self._loose = tuple(n for n, d in enumerate(self.demands) if d.is_loose)
        self._may_be_loose = _any_of([d.last for d in self.demands if d.is_loose])

    def last(self, path: str, name: str, above: int = -1, below: int = sys.maxsize) -> int:
        """Return the greatest number of a pattern that matches ``path``, or ``above``.

        ``path`` is relative to the patterns' root, with a ``/`` at its end for a folder;
        ``name`` is its last part without one. Only numbers between ``above`` and ``below``
        are tried.
        """
        candidates = self._names.get(name, ()) + self._suffixes.get(name.rpartition(".")[2], ())
        if self._may_be_loose is not None and self._may_be_loose.match(name):
            candidates += self._loose
        for number in candidates:
            if above < number < below and self._regexes[number](path):
                above = number
        return above


class Sieve:
    """Tells fast, for the names of files, which of them no pattern can match.

    It is made of what the patterns demand; those that match folders only do not count.
    """

    __slots__ = ("_edges", "_loose", "_names", "_suffixes")

    def __init__(self, all_demands: Iterable[Demand]):
        demands = {demand for demand in all_demands if not demand.folders_only}
        loose = sorted(demand.last for demand in demands if demand.is_loose)
        self._names = frozenset(d.name for d in demands if d.name is not None)
        self._suffixes = frozenset(d.suffix for d in demands if d.suffix is not None)
        self._edges = _edges(loose)
        self._loose = (_any_of(loose) or _NEVER).match

    def passes(self, name: str) -> bool:
        """Return whether none of the patterns can match a file of this name."""
        if name in self._names or name.rpartition(".")[2] in self._suffixes:
            return False
        edges = self._edges
        if edges is not None and name[0] not in edges[0] and name[-1] not in edges[1]:
            return True
        return self._loose(name) is None


class Demand(NamedTuple):
    """What a pattern's last part asks of a name: a name, a suffix, or anything (loose)."""

    last: str
    name: str | None
    suffix: str | None
    folders_only: bool

    @property
    def is_loose(self) -> bool:
        """Whether neither a name nor a suffix is asked for."""
        return self.name is None and self.suffix is None


def _demand(pattern: str) -> Demand:
    last = pattern.rstrip("/").rpartition("/")[2]
    folders_only = pattern.endswith("/")
    stem, dot, suffix = last.rpartition(".")
    if is_literal(last) and last == last.strip():
        return Demand(last, last, None, folders_only)
    if dot and "**" not in stem and "[" not in stem and _PLAIN_SUFFIX.fullmatch(suffix):
        return Demand(last, None, suffix, folders_only)
    return Demand(last, None, None, folders_only)


def _edges(lasts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return first and last characters of which a matching name has one; None: it may be any.

    A pattern's last part that begins with a wildcard is known by its end.
    """
    firsts: set[str] = set()
    ends: set[str] = set()
    for last in lasts:
        if first := _FIRST.match(last):
            firsts.update(first[1] or first[2])
        elif _PLAIN_END.search(last):
            ends.add(last[-1])
        else:
            return None
    return frozenset(firsts), frozenset(ends)


def _any_of(lasts: Sequence[str]) -> re.Pattern[str] | None:
    """Return a regular expression for every name that one of the last parts could match."""
    if not lasts:
        return None
    if any(_UNLIKE_FNMATCH.search(last) for last in lasts):
        return re.compile("")
    return re.compile("|".join(fnmatch.translate(last) for last in lasts))
