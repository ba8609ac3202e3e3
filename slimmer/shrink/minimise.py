"""Delta debugging: the fewest parts with which a test still passes, decided on values.

The parts are tried in groups, which are halved until each is one part: Zeller and Hildebrandt,
"Simplifying and Isolating Failure-Inducing Input" (2002), on what may be left out. Tried once
more, no single part of the result could go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Minimised(NamedTuple):
    """What may go: it was proven by the test, all of it together."""

    dropped: frozenset[str]
    #: How often the test ran.
    runs: int
    #: Whether every part was tried; False where the test was stopped before.
    complete: bool


def minimise(
    parts: Sequence[str],
    passes: Callable[[frozenset[str]], bool],
    may_run: Callable[[int], bool] = lambda _: True,
) -> Minimised:
    """Return which parts may go, those that are named first before the others.

    ``passes`` is the test, given all that is left out. ``may_run`` is asked before each test, with
    the number of those that ran; once it says no, what is proven so far is returned.
    """
    left, dropped, runs = list(parts), frozenset[str](), 0
    size = len(left)
    while size and left:
        has_dropped = False
        for start in range(0, len(left), size):
            group = frozenset(left[start : start + size])
            if not may_run(runs):
                return Minimised(dropped, runs, complete=False)
            runs += 1
            if passes(dropped | group):
                dropped |= group
                has_dropped = True
        left = [part for part in left if part not in dropped]
        if size == 1 and not has_dropped:
            break
        size = min(max(1, size // 2), len(left))
    return Minimised(dropped, runs, complete=True)
