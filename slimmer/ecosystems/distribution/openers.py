"""Who opens which library by its name, within what packages say that they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from slimmer.ecosystems.distribution.binaries import called
from slimmer.ecosystems.distribution.records import Records


class Openers:
    """Knows the libraries of packages by what code calls them.

    ``finer`` has the part of each library and program, ``placed`` the package of each file.
    """

    def __init__(
        self, records: Records, finer: Mapping[str, str], placed: Mapping[str, str]
    ) -> None:
        self._records = records
        self._finer = finer
        self._placed = placed
        self._closures: dict[str, frozenset[str]] = {}
        #: The libraries that files of the user's own may open: they have a word that is its name.
        self.maybe: set[str] = set()

    def of(self, path: str, names: Iterable[str]) -> Iterator[str]:
        """Yield the parts of the libraries that a file opens by these names.

        A package says which others it needs, so a file of one opens none of any other. A plain
        name in a file of the user's own is one of a library only if its package is used, too.
        """
        owner = self._placed.get(path)
        for name in names:
            is_plain = owner is None and ".so" not in name
            for library in self._by_name.get(name, ()):
                if is_plain:
                    self.maybe.add(library)
                elif owner is None or self._placed[library] in self._around(owner):
                    yield self._finer[library]

    def _around(self, name: str) -> frozenset[str]:
        """Return a package with all that it needs or likes, over others."""
        if name not in self._closures:
            found, waiting = {name}, [name]
            while waiting:
                asked = set(self._records.needed(waiting.pop(), with_liked=True)) - found
                found |= asked
                waiting += asked
            self._closures[name] = frozenset(found)
        return self._closures[name]

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._finer.keys() & self._placed.keys()):
            for name in called(path):
                found.setdefault(name, []).append(path)
        return found
