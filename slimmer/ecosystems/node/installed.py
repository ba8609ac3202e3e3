"""Which packages in node_modules came from a registry: neither private nor linked in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

_MODULES = "node_modules/"
_PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/@.][^/]*)/")
_LOCAL = ("file:", "link:", "workspace:", "portal:")
_PNPM_LOCAL = re.compile(r"/\.pnpm/[^/]*@(?:file|link|workspace)\+")


class InstalledPackages:
    """Knows the packages of a tree; remembers those that were asked about.

    ``text`` gives the text of a file, ``""`` where there is none.
    """

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._packages: dict[str, bool] = {}
        self._known: dict[str, dict[str, Any]] = {}

    def folders(self, path: str) -> Iterator[str]:
        """Yield the folders of the packages that a path lies in, the outermost first."""
        for match in _PACKAGE.finditer(path):
            yield path[: match.end() - 1]

    def is_registrys(self, folder: str) -> bool:
        """Return whether the package in this folder came from a registry."""
        if folder not in self._packages:
            listed = self._listed(folder)
            self._packages[folder] = self._is_package(folder) if listed is None else listed
        return self._packages[folder]

    def _is_package(self, folder: str) -> bool:
        """Return whether a package.json has what publishing needs."""
        package = self._json(f"{folder}/package.json")
        return bool(package.get("name") and package.get("version") and not package.get("private"))

    def _listed(self, folder: str) -> bool | None:
        """Return what a lock file, or who asked for the package, says; None for nothing."""
        if _PNPM_LOCAL.search(f"/{folder}"):
            return False
        root, _, rest = folder.partition(_MODULES)
        for lock in (f"{root}{_MODULES}.package-lock.json", f"{root}package-lock.json"):
            rows = self._remembered(lock).get("packages")
            row = rows.get(f"{_MODULES}{rest}") if isinstance(rows, dict) else None
            if isinstance(row, dict):
                resolved = row.get("resolved")
                if resolved or row.get("link"):
                    return not row.get("link") and str(resolved).startswith(("https:", "http:"))
        asked = self._remembered(f"{root}package.json").get("dependencies")
        wanted = asked.get(rest) if isinstance(asked, dict) else None
        return False if isinstance(wanted, str) and wanted.startswith(_LOCAL) else None

    def _remembered(self, path: str) -> dict[str, Any]:
        if path not in self._known:
            self._known[path] = self._json(path)
        return self._known[path]

    def _json(self, path: str) -> dict[str, Any]:
        try:
            found = json.loads(self._text(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
