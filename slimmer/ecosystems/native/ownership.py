"""What packages of Debian, conda, git and desktops wrote, in any language's tree.

conda lists its files. Where a tree has no list of a
package of Debian, it is known by its ``share/doc/PACKAGE/copyright``; its manual pages are packed
with gzip.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator

from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, join, name_of

_DEBIAN = "debian"
_COPYRIGHT = re.compile(r"((?:.*/|)share)/doc/([^/]+)/copyright")
_CONDA = re.compile(r"((?:.*/|))conda-meta/[^/]+\.json")
_MANUAL = re.compile(r"man/(?:[^/]+/)?man\d[^/]*/([^/]+)\.\d\w*\.gz|info/[^/]+\.gz")
_BESIDE_DOCS = ("doc-base", "lintian/overrides")  # their files are called as packages are
_DESKTOP_FILE, _DESKTOP_FOLDER = ".DS_Store", "__MACOSX"


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what distributions, git and desktops wrote."""
    found = Claims()
    _add_documentation(tree, found)
    for entry in tree.ending_in(".json"):
        if prefix := _CONDA.fullmatch(entry.path):
            found.files |= dict(_conda(prefix[1], entry.path, text(entry.path)))
    if ".git/HEAD" in tree.by_path:
        found.folders[".git"] = "git/repository"
    for entry in tree.entries:
        if entry[0].endswith((_DESKTOP_FILE, _DESKTOP_FOLDER)):
            _add_desktop(entry[0], entry[1], found)
    return found


def _add_documentation(tree: Tree, found: Claims) -> None:
    packages: dict[str, set[str]] = {}
    for entry in tree.ending_in("/copyright"):
        if package := _COPYRIGHT.fullmatch(entry.path):
            packages.setdefault(package[1], set()).add(package[2])
            found.folders[folder_of(entry.path)] = f"{_DEBIAN}/{package[2]}"
    for share, names in packages.items():
        found.files |= dict(_beside(tree, share, names))
        found.files |= {
            entry.path: f"{_DEBIAN}/{entry.target}"  # packages of one source share a folder
            for entry in tree.links
            if folder_of(entry.path) == f"{share}/doc" and entry.target in names
        }
        if "erlang-base" in names:
            program = join(folder_of(share), "bin/erlang-depends")
            found.files[program] = f"{_DEBIAN}/erlang-base"


def _beside(tree: Tree, share: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what packages of these names lay beside share/doc, and who."""
    for folder in _BESIDE_DOCS:
        for entry in tree.below(f"{share}/{folder}"):
            if (name := name_of(entry.path).partition(".")[0]) in names:
                yield entry.path, f"{_DEBIAN}/{name}"
    for folder in ("man", "info"):
        for entry in tree.below(f"{share}/{folder}"):
            if _MANUAL.fullmatch(entry.path[len(share) + 1 :]):
                yield entry.path, f"{_DEBIAN}/documentation"


def _add_desktop(path: str, kind: Kind, found: Claims) -> None:
    name = name_of(path)
    if name == _DESKTOP_FILE and kind is Kind.FILE:
        found.files[path] = "macos/finder"
    elif name == _DESKTOP_FOLDER and kind is Kind.DIRECTORY:
        found.folders[path] = "macos/archive-utility"


def _conda(prefix: str, path: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield what a package of conda installed; one from a folder is the user's own.

    Source: conda's documentation of ``conda-meta``.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, list):
        return
    yield path, f"conda/{document.get('name')}"
    is_local = str(document.get("url") or document.get("channel") or "").startswith("file:")
    for name in files:
        if isinstance(name, str):
            yield prefix + name, OWN if is_local else f"conda/{document.get('name')}"
