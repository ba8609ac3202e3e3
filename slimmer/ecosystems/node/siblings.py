"""What the JavaScript in zips beside a layer asks of the layer's packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slimmer.ecosystems.node.sources import Find, Sources, home_of, may_run
from slimmer.formats.javascript.scopes import Place
from slimmer.inputs.base import Sibling

Resolve = Callable[[str, str, str], tuple[str, ...]]


class SiblingSources:
    """The sources of one zip; what its own packages answer asks nothing of the layer."""

    def __init__(self, zip_: Sibling, resolve: Resolve) -> None:
        self._zip = zip_
        self._names = {home_of(path).rpartition("node_modules/")[2] for path in zip_.placed}
        self._resolve = resolve
        self._sources = Sources(zip_.read, self._in_layer)
        self._asking: list[tuple[str, Find]] | None = None

    def finds(self) -> Iterator[tuple[str, Find]]:
        """Yield each source that asks for something in the layer, and what."""
        if self._asking is None:
            paths = [p for p, what in self._zip.placed.items() if what and may_run(p)]
            self._asking = [(p, find) for p in sorted(paths) for find in self._sources.finds(p)]
        yield from self._asking

    def place(self, path: str, offset: int) -> Place | None:
        """Return where an offset of a source stands, None for a comment."""
        return self._sources.place(path, offset)

    def named(self, path: str) -> str:
        """Return a path of the zip as reports name it."""
        return f"{self._zip.name}: {path}"

    def _in_layer(self, _source: str, specifier: str, how: str) -> tuple[str, ...]:
        parts = specifier.split("/")
        name = "/".join(parts[: 2 if specifier.startswith("@") else 1])
        is_package = how in ("require", "import") and not specifier.startswith((".", "#"))
        return self._resolve("", specifier, how) if is_package and name not in self._names else ()
