"""Which packages in node_modules came from a registry: neither private nor linked in.

npm lists in ``node_modules/.package-lock.json`` all that it installed; what is not in it was copied
in. Where nothing was written down, a package.json tells what is published by what only a public
package says, such as its repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from slimmer.paths import join, parents

_MODULES = "node_modules/"
_PACKAGE = re.compile(r"node_modules/((?:@[^/]+/)?[^/@.][^/]*)/")
_LOCAL = ("file:", "link:", "workspace:", "portal:")
_HIDDEN_LOCK = "node_modules/.package-lock.json"
_MARKS = (
    *(f"node_modules/{name}" for name in (".yarn-integrity", ".yarn-state.yml", ".modules.yaml")),
    *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
)
_PUBLIC = ("_id", "_resolved", "repository", "homepage", "bugs")  # the first two are npm 6's
_STORED = re.compile(r"/\.pnpm/[^/]+/node_modules/|/\.yarn/unplugged/[^/]+-npm-[^/]+/node_modules/")
_PNPM_LOCAL = re.compile(r"/\.pnpm/[^/]*@(?:file|link|workspace)\+")


class InstalledPackages:
    """Knows the packages of a tree; remembers those that were asked about.

    ``text`` gives the text of a file, ``""`` where there is none.
    """

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._packages: dict[str, bool] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._written: dict[str, list[str]] = {}

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
        """Return whether a package.json has what publishing needs, and who put it there is known.

        Where no package manager is known to have, its words must be those of a public package.
        """
        package = self._json(f"{folder}/package.json")
        if not package.get("name") or not package.get("version") or package.get("private"):
            return False
        if _STORED.search(f"/{folder}"):
            return True
        listed = self._is_in_lock(folder)
        named = self._is_named(folder, str(package["name"])) if listed is None else listed
        if named is not None:
            return named
        return package.get("license") != "UNLICENSED" and any(map(package.get, _PUBLIC))

    def _is_named(self, folder: str, name: str) -> bool | None:
        """Return whether what package managers wrote names a package; None where nothing is."""
        root = folder.partition(_MODULES)[0]
        if root not in self._written:
            self._written[root] = [text for mark in _MARKS if (text := self._text(root + mark))]
        written = self._written[root]
        return any(name in text for text in written) if written else None

    def _is_in_lock(self, folder: str) -> bool | None:
        """Return whether npm's list of what it installed has a folder; None where there is none."""
        root = folder.partition(_MODULES)[0].rstrip("/")
        for place in (root, *parents(root), "") if root else ("",):
            rows = self._remembered(join(place, _HIDDEN_LOCK)).get("packages")
            if isinstance(rows, dict) and rows:
                return folder.removeprefix(join(place, "")) in rows
        return None

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
