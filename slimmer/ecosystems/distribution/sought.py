"""What is looked for in every file of an image: by plain words first, then by an expression."""

from __future__ import annotations

import re
from typing import NamedTuple


class Sought(NamedTuple):
    """An expression, and words of which each of its matches has at least one.

    The words are found in a tenth of the time of the expression.
    """

    words: tuple[bytes, ...]
    pattern: re.Pattern[bytes]

    def is_in(self, data: bytes) -> bool:
        """Return whether the expression matches anywhere in ``data``."""
        return self.may_be_in(data) and self.pattern.search(data) is not None

    def may_be_in(self, data: bytes) -> bool:
        """Return whether one of the words is in ``data``."""
        return any(word in data for word in self.words)


def sought(pattern: bytes, *words: bytes) -> Sought:
    """Return what is looked for by an expression, each match of which has one of the words."""
    return Sought(words, re.compile(pattern))
