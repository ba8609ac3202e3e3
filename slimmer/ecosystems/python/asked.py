"""What Python sources import: each is read once, and not at all where a former build did."""

from __future__ import annotations

from collections.abc import Callable

from slimmer.cache.readings import Readings
from slimmer.formats import FormatError
from slimmer.formats.python.imports import imports
from slimmer.formats.python.statements import Import


class ImportsOf:
    """Reads the sources of one tree, and of zips beside it."""

    def __init__(self, read: Callable[[str], bytes], readings: Readings) -> None:
        self._read = read
        self._table = readings.table("python-imports")
        self._found: dict[str, tuple[Import, ...]] = {}
        #: Why a source was not read, by its name.
        self.broken: dict[str, str] = {}

    def of(self, path: str) -> tuple[Import, ...]:
        """Return the imports of a source of the tree; none where it cannot be read."""
        if path not in self._found:
            known = self._table.get(path)
            if known is not None:
                self._found[path] = tuple(Import(*row) for row in known)
                return self._found[path]
            source = self._read(path)
            found = self.within(path, lambda: source)
            if path not in self.broken:
                self._table.learn(path, source, found)
        return self._found[path]

    def within(self, name: str, read: Callable[[], bytes]) -> tuple[Import, ...]:
        """Return the imports of any source by its name for reports, and what gives its bytes."""
        if name not in self._found:
            try:
                self._found[name] = imports(read())
            except FormatError as error:
                self.broken[name] = str(error)
                self._found[name] = ()
        return self._found[name]
