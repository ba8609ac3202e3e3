"""Limits: how full a cap or a budget is."""

from __future__ import annotations

from typing import NamedTuple


class LimitUsage(NamedTuple):
    """A cap and how full it is; ``strict`` caps must stay below their limit."""

    name: str
    title: str
    actual: int
    limit: int
    strict: bool = False
    unit: str = "B"

    @property
    def over(self) -> bool:
        """Whether the cap is passed."""
        return self.actual >= self.limit if self.strict else self.actual > self.limit

    @property
    def share(self) -> float:
        """How full it is: 1 at its limit."""
        return self.actual / max(self.limit, 1)
