"""The packages of a project's own that a uv.lock names by their folders: members of a workspace.

uv builds them where they are installed for Lambda, from what lies there now. Source: uv's "Project
structure" (uv.lock), and "Workspaces".
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

LOCK = "uv.lock"
_MOST_BYTES = 64_000_000
_SOURCES = ("editable", "directory")
# What tools leave in a package's folder beside its sources, at its top or anywhere.
_AT_TOP = frozenset({"build", "dist"})
_LEFT = frozenset({"__pycache__", "node_modules"})


def local_packages(lock: Path) -> dict[str, Path]:
    """Return the folder of each such package, by name.

    The project itself is none, as its code is the tree; nor is what cannot be read, as uv will say.
    """
    if lock.name != LOCK:
        return {}
    try:
        if lock.stat().st_size > _MOST_BYTES:
            return {}
        rows = tomllib.loads(lock.read_text("utf-8"))["package"]
        return dict(sorted(_local(rows, lock.parent)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _local(rows: list[Mapping[str, Mapping[str, str]]], folder: Path) -> Iterator[tuple[str, Path]]:
    for row in rows:
        for kind in _SOURCES:
            path = row.get("source", {}).get(kind, ".")
            if path != ".":
                yield str(row["name"]), folder / path


def digest_of(folder: Path) -> str:
    """Return a digest of all that a package is built from. Raises OSError."""
    total = hashlib.sha256()
    for path in sorted(_sources(folder)):
        inside = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
        total.update(hashlib.sha256(inside).digest())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _sources(top: Path) -> Iterator[Path]:
    """Yield the files of a package, without what tools leave there. Raises OSError."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        left = _LEFT | _AT_TOP if folder == top else _LEFT
        for path in folder.iterdir():
            is_left = path.name in left or path.name.startswith(".")
            if path.is_dir() and not path.is_symlink():
                waiting += [] if is_left else [path]
            elif path.is_file():
                yield path
