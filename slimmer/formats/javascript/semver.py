"""Ranges of versions as npm writes them, as far as whole major versions are concerned.

Source: the documentation of npm's ``semver``, section "Ranges".
"""

from __future__ import annotations

import re

_COMPARATOR = re.compile(
    r"(?P<operator>\^|~>?|>=|<=|>|<|=)? ?v?(?P<major>\d{1,9}|[xX*])"
    r"(?:\.(?P<minor>\d{1,9}|[xX*]))?(?:\.(?P<patch>\d{1,9}|[xX*]))?(?:[-+][\w.+-]*)?"
)
_HYPHEN = re.compile(r"(?<!\S)(\S++) - (\S+)")
_END = (1 << 30,) * 3
_Version = tuple[int, ...]


def allows_major(text: str, major: int) -> bool:
    """Return whether a range allows any release of a major version.

    A range that is not understood allows all: it is no reason to complain.
    """
    return any(_overlaps(part, major) for part in text.split("||"))


def _overlaps(part: str, major: int) -> bool:
    low: _Version = (major, 0, 0)
    high: _Version = (major, *_END[1:])
    part = _HYPHEN.sub(r">=\1 <=\2", " ".join(part.split()))
    rest = _COMPARATOR.sub("", part).strip(" ,")
    if rest:
        return True
    for found in _COMPARATOR.finditer(part):
        first, last = _range(found)
        low, high = max(low, first), min(high, last)
    return low <= high


def _range(found: re.Match[str]) -> tuple[_Version, _Version]:
    """Return the lowest and the highest version that a comparator allows."""
    given = [found[name] for name in ("major", "minor", "patch")]
    known = [int(n) for n in given[: next((i for i, n in enumerate(given) if not _is(n)), 3)]]
    first: _Version = (*known, 0, 0, 0)[:3]
    last: _Version = (*known, *_END)[:3]
    operator = found["operator"] or "="
    if not known:
        return (0, 0, 0), _END
    if operator == ">=":
        return first, _END
    if operator == ">":
        return (*last[:2], last[2] + 1), _END
    if operator == "<=":
        return (0, 0, 0), last
    if operator == "<":
        return (0, 0, 0), _before(first)
    if operator == "^":
        place = next((i for i, n in enumerate(known) if n), len(known) - 1)
        return first, (*first[: place + 1], *_END)[:3]
    if operator.startswith("~"):
        return first, (*first[: min(2, len(known))], *_END)[:3]
    return first, last


def _before(version: _Version) -> _Version:
    major, minor, patch = version
    if patch:
        return major, minor, patch - 1
    return (major, minor - 1, _END[2]) if minor else (major - 1, _END[1], _END[2])


def _is(number: str | None) -> bool:
    return number is not None and number.isdigit()
