"""What distributions of Linux, git and desktops wrote, in any language's tree.

dpkg and apk list their files. Where a tree has no list, a package of Debian is known by its
``share/doc/PACKAGE/copyright``; it packs its manual pages with gzip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from slimmer.model.owners import Claims
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, join, name_of

_DEBIAN = "debian"
_COPYRIGHT = re.compile(r"((?:.*/|)share)/doc/([^/]+)/copyright")
_DPKG = re.compile(r"((?:.*/|))var/lib/dpkg/info/([^/:]+)(?::[^/]+)?\.list")
_APK = re.compile(r"((?:.*/|))lib/apk/db/installed")
_MANUAL = re.compile(r"man/(?:[^/]+/)?man\d[^/]*/([^/]+)\.\d\w*\.gz|info/[^/]+\.gz")
_BESIDE_DOCS = ("doc-base", "lintian/overrides")  # their files are called as packages are
_DESKTOP_FILE, _DESKTOP_FOLDER = ".DS_Store", "__MACOSX"


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what distributions, git and desktops wrote."""
    found = Claims()
    _add_documentation(tree, found)
    for entry in tree.ending_in(".list"):
        if package := _DPKG.fullmatch(entry.path):
            listed = (line.strip("/. ") for line in text(entry.path).splitlines())
            found.files |= {package[1] + path: f"{_DEBIAN}/{package[2]}" for path in listed if path}
    for entry in tree.ending_in("lib/apk/db/installed"):
        if root := _APK.fullmatch(entry.path):
            found.files |= {
                root[1] + path: f"alpine/{name}" for path, name in _apk(text(entry.path))
            }
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


def _apk(text: str) -> Iterator[tuple[str, str]]:
    """Yield each path of apk's database with its package, apk-package(5)."""
    package = folder = ""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "P":
            package = value
        elif key == "F":
            folder = value
        elif key == "R":
            yield join(folder, value), package
