"""Gitignore patterns through pathspec, with an index that makes many of them fast.

A pattern matches a path when it matches the path itself or a folder above it. The walk
in :mod:`slimmer.rules.engine` goes from folders to what they hold, so here a path is only asked
for what matches *it*; what matched a folder above is handed down.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from slimmer.errors import UsageError

_STAR = "[^/]*"  # as pathspec writes a *
_MOST_RETRIED = 2  # stars of a pattern, with classes behind them that may hold a slash
_PLAIN_PART = re.compile(r"(?:[^][\\()|*+?{}/.^$]|\\[^/\w]|\[\^/\]|\[\w(?:-?\w)*\])*")
_GLOB = re.compile(r"[*?\[\\]")
_PLAIN_SUFFIX = re.compile(r"\w+")
_UNLIKE_FNMATCH = re.compile(r"\\|\*\*|\[(?![\w.-]+\])|\s$")
_NEVER = re.compile(r"(?!)")
_HEAD = re.compile(r"\[([A-Za-z0-9]+)\]|([^*?\[\\]+)")
_TAIL = re.compile(r"[^*?\]\\\s]+$")


@functools.lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression that pathspec makes of a gitignore pattern.

    It is to be matched from the start of a path relative to the pattern's root, folders
    with a ``/`` at their end. Raises UsageError for what is no such pattern, and for
    ``!pattern``, whose place is a keep.
    """
    # Not at the top: it takes longer than a command that shows its help.
    from pathspec.patterns.gitignore import GitIgnorePatternError  # noqa: PLC0415
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415

    if pattern.startswith("!"):
        raise UsageError(f"pattern {pattern!r} starts with '!'; put {pattern[1:]!r} under keep")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" is plain in gitignore
            regex = GitIgnoreSpecPattern(pattern).regex
    except (GitIgnorePatternError, re.error):
        regex = None
    if regex is None:
        raise UsageError(f"{pattern!r} is not a gitignore pattern")
    quick, retried = _quick(regex.pattern)
    if retried > _MOST_RETRIED:
        raise UsageError(f"{pattern[:100]!r} has too many wildcards; write it with fewer")
    return regex if quick == regex.pattern else re.compile(quick, regex.flags)


def _quick(text: str) -> tuple[str, int]:
    """Return an expression of pathspec's that tries no ``*`` twice, and how many it must.

    It matches the same. A ``*`` that another follows in the same name need not match more than it
    has to: what it leaves, the other takes. Else the stars of a stranger's pattern would try all
    ways in which they can share a name.
    """
    while _STAR * 2 in text:
        text = text.replace(_STAR * 2, _STAR)
    quick, *parts = text.split(_STAR)
    retried = 0
    for number, part in enumerate(parts, start=1):
        is_shared = number < len(parts) and "/" not in part.replace("[^/]", "")
        if is_shared and _PLAIN_PART.fullmatch(part):
            quick += f"(?=(?P<_{number}>{_STAR}?{part}))(?P=_{number})"
        else:
            quick += _STAR + part
            retried += is_shared
    return quick, retried


def is_literal(pattern: str) -> bool:
    """Return whether the pattern has no wildcard in it."""
    return _GLOB.search(pattern) is None


class PatternIndex:
    """Finds, among many patterns, the last that matches a path, trying only those that could.

    Patterns are filed by what their last part demands of a name: to be it, to end in a
    given suffix, or anything else. Which one matches is always pathspec's word; it is asked
    of a pattern when the first name meets its demand, since most patterns meet none.
    """

    def __init__(self, patterns: Sequence[str]):
        """Take patterns that :func:`compile_pattern` takes."""
        self._patterns = patterns
        self._matches: list[Callable[[str], object] | None] = [None] * len(patterns)
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
            if above < number < below and (self._matches[number] or self._match(number))(path):
                above = number
        return above

    def _match(self, number: int) -> Callable[[str], object]:
        match = self._matches[number] = compile_pattern(self._patterns[number]).match
        return match


def sieve(all_demands: Iterable[Demand]) -> Callable[[str], bool]:
    """Return a test that says fast of a file's name that no pattern can match it.

    It is made of what the patterns demand; those that match folders only do not count. It
    is asked for every file of a tree, so it is a closure over sets and nothing more.
    """
    demands = {demand for demand in all_demands if not demand.folders_only}
    loose = sorted(demand.last for demand in demands if demand.is_loose)
    names = frozenset(d.name for d in demands if d.name is not None)
    suffixes = frozenset(d.suffix for d in demands if d.suffix is not None)
    edges = _edges(loose)
    heads, tails = edges or ((), ())
    any_edge = edges is None
    match_loosely = (_any_of(loose) or _NEVER).match

    def passes(name: str) -> bool:
        if name in names or name.rpartition(".")[2] in suffixes:
            return False
        if any_edge or name.startswith(heads) or name.endswith(tails):
            return match_loosely(name) is None
        return True

    return passes


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
    if dot and stem == "*" and _PLAIN_SUFFIX.fullmatch(suffix):
        return Demand(last, None, suffix, folders_only)
    return Demand(last, None, None, folders_only)


def _edges(lasts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return beginnings and ends of which a matching name has one; None: it may be any.

    A pattern's last part that begins with a wildcard is known by its end.
    """
    heads: set[str] = set()
    tails: set[str] = set()
    for last in lasts:
        head, tail = _HEAD.match(last), _TAIL.search(last)
        if head:
            heads.update([head[2]] if head[2] else head[1])
        elif tail:
            tails.add(tail[0])
        else:
            return None
    return tuple(sorted(heads)), tuple(sorted(tails))


def _any_of(lasts: Sequence[str]) -> re.Pattern[str] | None:
    """Return a regular expression for every name that one of the last parts could match."""
    if not lasts:
        return None
    if any(_UNLIKE_FNMATCH.search(last) for last in lasts):
        return re.compile("")
    return re.compile("|".join(fnmatch.translate(last) for last in lasts))
