"""What npm publishes: packages that are installed, neither private nor linked in."""

from __future__ import annotations

from collections.abc import Callable, Collection

from slimmer.ecosystems.node.installed import InstalledPackages


class PublishedNode:
    """Knows the packages of a tree; remembers those that were asked about."""

    def __init__(self, _names: Collection[str], text: Callable[[str], str]) -> None:
        self._packages = InstalledPackages(text)

    def covers(self, path: str, _digest: Callable[[], bytes]) -> bool:
        """Return whether the package that holds the file, or one around that, is published."""
        return any(map(self._packages.is_registrys, self._packages.folders(path)))
