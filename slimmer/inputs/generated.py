"""What no package brings into a node_modules: what generators wrote, and packages of one's own.

npm lists what it installed in node_modules/.package-lock.json (npm's documentation, "Hidden
Lockfiles"). A folder that neither that nor the lock file names is the work of something else.
"""

from __future__ import annotations

import json
from pathlib import Path

from slimmer.inputs.base import Source
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.paths import parents

MODULES = "node_modules"
_HIDDEN_LOCK = ".package-lock.json"
# Of folders whose name begins with a dot, those of clients; others are caches and records of tools.
_CLIENTS = (".prisma", ".zenstack")
_NOT_SHIPPED = (MODULES, ".git")  # of a package's folder: npm installs what it needs elsewhere
_MOST_BYTES = 100_000_000  # of a lock file


def generated_in(folder: Path, lock: Path) -> tuple[str, ...]:
    """Return the folders in the node_modules of a folder that no package brings, by path in it.

    ``lock`` is the lock file that packages are installed from.
    """
    modules = folder / MODULES
    hidden = _names(modules / _HIDDEN_LOCK)
    known = hidden | _names(lock)
    names = _folders(modules) if hidden else ()
    found = [name for name in names if not name.startswith(".") and name not in known]
    clients = [name for name in _CLIENTS if (modules / name).is_dir()]
    return tuple(f"{MODULES}/{name}" for name in (*clients, *found))


def local_in(lock: Path) -> dict[str, Path]:
    """Return the folder of each package that npm links to, by path: of a workspace, or ``file:``.

    Those that only development needs, and those that are not there, are left out.
    """
    found = {
        path: lock.parent / str(row.get("resolved"))
        for path, row in _packages(lock).items()
        if isinstance(row, dict) and row.get("link") is True and not row.get("dev")
    }
    tops = {path: f for path, f in found.items() if path.startswith(f"{MODULES}/") and f.is_dir()}
    return {path: f for path, f in tops.items() if f"/{MODULES}/" not in path}


class Inside:
    """Folders of a source's own at their places in a tree."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._sources = sources
        entries = {
            above: Entry(above, Kind.DIRECTORY)
            for folder in sources
            for above in (*parents(folder), folder)
        }
        self._places: dict[str, tuple[Source, str]] = {}
        for folder, source in sources.items():
            for entry in source.tree.entries:
                if entry.path.partition("/")[0] in _NOT_SHIPPED:
                    continue
                path = f"{folder}/{entry.path}"
                entries[path] = entry._replace(path=path)
                self._places[path] = source, entry.path
        self.tree = Tree(tuple(entries[path] for path in sorted(entries)))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError."""
        source, own = self._places[path]
        return source.read(own)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises InputError."""
        source, own = self._places[path]
        return source.read_part(own, start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        source, own = self._places[path]
        return source.mtime_ns(own)


def _folders(modules: Path) -> list[str]:
    """Return the packages' folders in a node_modules by name, those of scopes included."""
    try:
        tops = [path for path in sorted(modules.iterdir()) if _is_folder(path)]
        scopes = [path for path in tops if path.name.startswith("@")]
        inner = [path for scope in scopes for path in sorted(scope.iterdir()) if _is_folder(path)]
    except OSError:
        return []
    plain = [path.name for path in tops if path not in scopes]
    return [*plain, *(f"{path.parent.name}/{path.name}" for path in inner)]


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _names(lock: Path) -> set[str]:
    """Return the packages right in node_modules that a lock file names; none if it cannot tell."""
    paths = (path for path in _packages(lock) if path.startswith(f"{MODULES}/"))
    return {path.removeprefix(f"{MODULES}/") for path in paths}


def _packages(lock: Path) -> dict[str, object]:
    try:
        found = json.loads(lock.read_bytes()) if lock.stat().st_size <= _MOST_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return {}
    packages = found.get("packages") if isinstance(found, dict) else None
    return packages if isinstance(packages, dict) else {}
