"""What npm publishes: packages that are installed, neither private nor linked in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any

_MODULES = "node_modules/"
_PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/@.][^/]*)/")


class PublishedNode:
    """Knows the packages of a tree; remembers those that were asked about."""

    def __init__(self, _names: Collection[str], text: Callable[[str], str]) -> None:
        self._text = text
        self._packages: dict[str, bool] = {}
        self._lock: tuple[str, Any] = ("", {})

    def covers(self, path: str, _digest: Callable[[], bytes]) -> bool:
        """Return whether the package that holds the file, or one around that, is published."""
        ends = [match.end() - 1 for match in _PACKAGE.finditer(path)]
        return any(self._is_published(path[:end]) for end in ends)

    def _is_published(self, folder: str) -> bool:
        if folder not in self._packages:
            self._packages[folder] = self._is_package(folder)
        return self._packages[folder]

    def _is_package(self, folder: str) -> bool:
        """Return whether an npm package has what publishing needs, and was not linked in."""
        package = self._json(f"{folder}/package.json")
        if not package.get("name") or not package.get("version") or package.get("private"):
            return False
        root, _, rest = folder.partition(_MODULES)
        lock = self._locks(f"{root}{_MODULES}.package-lock.json")
        row = lock.get(f"{_MODULES}{rest}")
        if not isinstance(row, dict):
            return True
        return not row.get("link") and not str(row.get("resolved", "")).startswith("file:")

    def _locks(self, path: str) -> dict[str, Any]:
        if path != self._lock[0]:
            self._lock = path, self._json(path).get("packages", {})
        return self._lock[1] if isinstance(self._lock[1], dict) else {}

    def _json(self, path: str) -> dict[str, Any]:
        try:
            found = json.loads(self._text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
