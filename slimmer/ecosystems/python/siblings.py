"""What the Python in zips beside a tree asks of the tree's packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from slimmer.ecosystems.python.prescan import Names, Prescan
from slimmer.formats.python.statements import Import
from slimmer.inputs.base import Sibling

_ROOT = re.compile(r"^python/(?:lib/python3[^/]*+/site-packages/)?")  # of a layer


class SiblingSources:
    """The sources of one zip; what it has itself asks nothing of the tree.

    ``imports`` reads a source: its name for reports, and what gives its bytes.
    """

    def __init__(
        self,
        zip_: Sibling,
        prescan: Prescan,
        imports: Callable[[str, Callable[[], bytes]], tuple[Import, ...]],
    ) -> None:
        self._zip = zip_
        self._prescan = prescan
        self._imports = imports
        self._sources = zip_.tree.ending_in(".py")
        self._tops = {_top(path) for path in zip_.placed if path.endswith((".py", ".so"))}

    def asked(self, names: Names) -> Iterator[tuple[str, Import]]:
        """Yield what the sources ask for; only those are read that have the words of ``names``."""
        self._prescan.look_for(names)
        for entry in self._sources:
            if self._prescan.may_ask(entry):
                name = f"{self._zip.name}: {entry.path}"
                for asked in self._imports(name, partial(self._zip.read, entry.path)):
                    if self._is_for_others(asked):
                        yield name, asked

    def _is_for_others(self, asked: Import) -> bool:
        """Return whether an import can lead out of the zip."""
        if asked.kind != "module":
            return bool(asked.module)
        return not asked.level and bool(asked.top) and asked.top not in self._tops


def _top(path: str) -> str:
    """Return the outermost name on a path that a module of the zip can have."""
    return _ROOT.sub("", path).partition("/")[0].partition(".")[0]
