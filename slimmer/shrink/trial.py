"""The test of a shrink: a run without what may go, held against the runs that were watched."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from slimmer.ecosystems.boots import boots_without
from slimmer.ecosystems.java.hollow import Hollowable
from slimmer.ecosystems.stubs import stubs
from slimmer.formats.java.jimage import hollowed
from slimmer.model.failures import OF_TIME
from slimmer.model.tree import Tree
from slimmer.shrink.model import Bounds
from slimmer.shrink.site import Site
from slimmer.verify.judge import check_against
from slimmer.verify.model import Run

#: What is hollow of Java's lists of modules, by the path of each.
Modules = Mapping[str, Sequence[Hollowable]]
NO_MODULES: Modules = MappingProxyType({})

_NUMBER = re.compile(r"[0-9a-f]+")  # times, addresses and identities


class Gone(NamedTuple):
    """What goes already: files and links of the tree, and files that are left hollow."""

    paths: frozenset[str]
    hollow: frozenset[str]


class Ships(NamedTuple):
    """What ships, and the folder of the artifact that the tree's files lie in, with its slash."""

    artifact: Tree
    prefix: str
    #: The paths of the tree that ship of each unit.
    units: Sequence[frozenset[str]] = ()


class Trial:
    """The test of a shrink: all events answer, and log, as they did, without what may go.

    A log that differs from run to run by more than its numbers proves nothing.
    """

    def __init__(
        self,
        site: Site,
        ships: Ships,
        bounds: Bounds,
        watched: Sequence[Run],
        tell: Callable[[str], object],
    ) -> None:
        self._site, self._tell = site, tell
        self._end_s = time.monotonic() + bounds.time_s
        self._prefix = ships.prefix
        answers = [run.invocations for run in watched]
        self._first, self._again = answers[0], answers[-1] if len(answers) > 1 else ()
        logs = {_log(run) for run in watched}
        self._log = logs.pop() if len(logs) == 1 else None
        self._most = bounds.runs
        self._file = "slim.shrink.toml" if bounds.guarded else ""
        start = len(self._prefix)
        self._kept = frozenset(entry.path[start:] for entry in ships.artifact.entries)
        self._units = ships.units
        #: How often something was left out.
        self.trials = 0
        self._runs = 0
        #: Whether every unit was tried.
        self.complete = True

    @property
    def events(self) -> int:
        """How many events each run answers."""
        return len(self._first)

    @property
    def unstable(self) -> tuple[str, ...]:
        """The places of the answers that differ from run to run."""
        checks = check_against(self._first, self._first, self._again, self._site.job.ignored)
        return tuple(sorted({place for check in checks for place in check.unstable}))

    def passes(
        self,
        paths: Iterable[str],
        hollow: frozenset[str] = frozenset(),
        modules: Modules = NO_MODULES,
    ) -> bool:
        """Return whether all events answer as before without these paths of the tree.

        Those that are hollow stay without their bytes where stubs ship, and so do ``modules`` of
        Java's lists of modules. What fails
        for want of time is run once more, as a busy machine can be the reason.
        """
        self.trials += 1
        gone = frozenset(paths)
        result = self._run(gone, hollow, modules)
        is_late = result.failure is not None and result.failure.code in OF_TIME
        if is_late and self._runs < self._most:
            result = self._run(gone, hollow, modules)
        return self._is_as_before(result)

    def _run(self, gone: frozenset[str], hollow: frozenset[str], modules: Modules) -> Run:
        self._runs += 1
        left = self._kept - gone
        added = boots_without(gone, left, lambda path: self._site.read(self._prefix + path))
        if self._file:
            packages = {
                p: self._file for each in modules.values() for m in each for p in m.packages
            }
            is_image = not self._site.place
            places = dict.fromkeys(gone, self._file)
            added |= stubs(places, left, hollow, packages, of_image=is_image)
        for path, each in modules.items():
            data = self._site.read(self._prefix + path)
            added[path] = hollowed(data, {known.module for known in each})
        return self._site.run_without(
            [self._prefix + path for path in gone],
            {self._prefix + path: data for path, data in added.items()},
            [self._prefix + path for unit in self._units if unit <= gone for path in unit],
        )

    def _is_as_before(self, result: Run) -> bool:
        checks = check_against(result.invocations, self._first, self._again, self._site.job.ignored)
        is_whole = result.failure is None and all(i.answer for i in result.invocations)
        is_logged = self._log in (None, _log(result))
        return is_whole and is_logged and not any(check.wrong for check in checks)

    def may_run(self, _: int) -> bool:
        """Return whether one more run is within the bounds."""
        may = self._runs < self._most and time.monotonic() < self._end_s
        if may:
            self._tell(f"run {self._runs + 1} of at most {self._most}")
        return may


def _log(run: Run) -> frozenset[str]:
    """Return the lines that a run logged, without what differs by itself: numbers and order."""
    return frozenset(_NUMBER.sub("0", line) for line in run.output.splitlines())
