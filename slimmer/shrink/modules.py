"""Modules of a Java runtime that no event needs: the last that a shrink tries to do without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from slimmer.decide.shrunk import may_go
from slimmer.ecosystems.java.hollow import ENV, LOG, Hollowable, hollowable, loaded_packages
from slimmer.ecosystems.java.module_facts import load_module_facts
from slimmer.ecosystems.java.runtimes import MODULES, runtime_roots
from slimmer.formats import FormatError
from slimmer.model.shrunk import ShrunkUnit
from slimmer.paths import join
from slimmer.shrink.minimise import minimise
from slimmer.shrink.plan import Watched
from slimmer.shrink.site import Site
from slimmer.shrink.trial import Gone, Modules, Trial


class Spare(NamedTuple):
    """A module of which no event loaded a class, and the list of modules that has it."""

    path: str
    known: Hollowable

    @property
    def name(self) -> str:
        """What it is called among all."""
        return f"{self.path}:{self.known.module}"

    def row(self, seen: str) -> ShrunkUnit:
        """Return the row of the file."""
        why = f"no event loaded a class of it; {seen}"
        name = f"java/{self.known.module}"
        return ShrunkUnit(name, self.known.digest, self.known.size_bytes, why, inside=self.path)


def spare_modules(
    watched: Watched, site: Site, read: Callable[[str], bytes], gone: frozenset[str]
) -> list[Spare]:
    """Return the modules of which no event loads a class, as one more run tells.

    None where there is no Java runtime, or none that says which classes it loads.
    """
    roots = runtime_roots(watched.tree)
    paths = [join(root, MODULES) for root in roots]
    verdicts = watched.decision.verdicts
    paths = [p for p in paths if p in watched.used and p not in gone and may_go(verdicts[p])]
    if not paths:
        return []
    run, logs = site.run_at_desk(lambda desk: {ENV: f"{LOG}{desk}/%p.log"})
    loaded = {package for log in logs for package in loaded_packages(log)}
    if run.failure is not None or not loaded:
        return []
    found = []
    facts = load_module_facts()
    for path in paths:
        try:
            known = hollowable(read(path), facts)
        except FormatError:
            continue
        found += [Spare(path, each) for each in known.values() if not each.packages & loaded]
    return found


def proven_modules(spare: Iterable[Spare], gone: Gone, trial: Trial) -> list[Spare]:
    """Return those without which all answers are the same, beside what goes already."""
    by_name = {each.name: each for each in spare}

    def passes(some: frozenset[str]) -> bool:
        return trial.passes(gone.paths, gone.hollow, _by_path(by_name[name] for name in some))

    found = minimise(list(by_name), passes, trial.may_run)
    trial.complete &= found.complete
    return [each for name, each in by_name.items() if name in found.dropped]


def _by_path(spare: Iterable[Spare]) -> Modules:
    found: dict[str, tuple[Hollowable, ...]] = {}
    for each in sorted(spare):
        found[each.path] = (*found.get(each.path, ()), each.known)
    return found
