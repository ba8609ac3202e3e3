"""The nouns of a shrink, all immutable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from slimmer.model.shrunk import Shrunk
from slimmer.sizes import count_text


class Bounds(NamedTuple):
    """How far a shrink goes."""

    #: How often each event is watched.
    repeat: int
    #: The most runs that try to do without units which were used.
    runs: int
    #: The most time for these. Unit: seconds.
    time_s: float
    #: Whether files of used units go that kept files name.
    within_units: bool
    #: Whether stubs take the place of what goes.
    guarded: bool = False


class Amount(NamedTuple):
    """So many units or files, and what they take in the tree."""

    units: int
    files: int
    size_bytes: int


class UnitUse(NamedTuple):
    """How much of a unit ships without the shrink, stays with it, and was used of what stays."""

    unit: str
    shipped_bytes: int
    kept_bytes: int
    used_bytes: int


@dataclass(frozen=True)
class Shrinking:
    """What came of a shrink."""

    shrunk: Shrunk
    events: int
    #: The invocations that logs tell of.
    invocations: int
    repeat: int
    #: How often something was left out to prove the result; a run that failed and was repeated
    #: counts once, so that the same inputs give the same file.
    trials: int
    #: Whether every unit was tried; False where the bounds ended it before.
    complete: bool
    #: What ships without the shrink, and how much of that was used.
    kept: Amount
    used: Amount
    #: The units of that.
    uses: tuple[UnitUse, ...] = ()
    #: Places of the answers that differ from run to run.
    unstable: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the file says of the runs, a line each."""
        return (f"{self.seen}; {count_text(self.trials, 'trial')} without what is named here",)

    @property
    def seen(self) -> str:
        """How often was looked."""
        said = [count_text(self.events, "event"), count_text(self.repeat, "run")]
        if self.invocations:
            said.append(f"{count_text(self.invocations, 'invocation')} in logs")
        return ", ".join(said)

    @property
    def dropped(self) -> Amount:
        """What the file names."""
        files = sum(len(row.paths) for row in self.shrunk.units)
        size_bytes = sum(row.size_bytes for row in self.shrunk.units)
        return Amount(len(self.shrunk.units), files, size_bytes)
