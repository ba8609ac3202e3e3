"""What pip, setuptools and CPython's own installer wrote.

A distribution's RECORD lists its files. Where somebody took it out, its modules are known by
top_level.txt or by its name. One that was installed from a folder, a file, a repository or a URL
that is no public index's, that is edited in place, or that says "Private" is the user's own.

Sources: PyPA specifications, "Recording installed projects" and "Recording the direct URL origin".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from slimmer.formats.python.metadata import file_name
from slimmer.formats.python.pyc import owned_with
from slimmer.formats.python.record import rows_of
from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Tree

_STDLIB = re.compile(r"((?:.*/|)lib/(python3\.\d+t?))/os\.py")
_BESIDE = re.compile(r"(?:\.\./)+(bin/[^/]+|(?:etc|share)/.+)")
# A name that says nothing: RECORD alone can tell whose such a folder is.
_ANYBODYS = frozenset(
    (
        *("tests", "test", "testing", "docs", "doc", "examples", "example"),
        *("benchmarks", "src", "scripts"),
    )
)


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what installers of Python and its packages wrote."""
    found = Claims()
    for entry in tree.ending_in("/os.py"):
        if stdlib := _STDLIB.fullmatch(entry.path):
            found.folders[stdlib[1]] = f"python/{stdlib[2]}"
            found.folders |= {
                f"{stdlib[1]}/{site}": OWN for site in ("site-packages", "dist-packages")
            }
    for entry in tree.ending_in(".dist-info/METADATA"):
        _add_wheel(tree, text, posixpath.dirname(entry.path), found)
    for entry in tree.ending_in(".egg-info/PKG-INFO"):
        _add_egg(tree, text, posixpath.dirname(entry.path), found)
    compiled = owned_with(found.files, (entry.path for entry in tree.ending_in(".pyc")))
    found.files |= {path: owner for path, owner in compiled.items() if path not in found.files}
    return found


def _add_wheel(tree: Tree, text: Callable[[str], str], info: str, found: Claims) -> None:
    name = posixpath.basename(info).rpartition(".dist-info")[0].rpartition("-")[0]
    # Installers write direct_url.json for what was asked for by a URL or path, not of an index.
    is_direct = f"{info}/direct_url.json" in tree.by_path
    is_own = is_direct or _is_private(text(f"{info}/METADATA"))
    owner = OWN if is_own else f"python/{name}"
    found.folders[info] = f"python/{name}"  # its own bookkeeping is an installer's anyway
    site = posixpath.dirname(info)
    if f"{info}/RECORD" not in tree.by_path:
        _add_named(tree, site, name, text(f"{info}/top_level.txt"), owner, found)
    for path in places_of(site, text(f"{info}/RECORD")):
        if not path.startswith(f"{info}/"):
            _add(found, path, owner)


def places_of(site: str, record: str) -> Iterator[str]:
    """Yield the paths of the tree that a RECORD may mean, whose distribution lies in ``site``."""
    for row in _rows(record):
        beside = _BESIDE.fullmatch(row)  # which `pip install -t` moves into its folder
        for place in (row, *beside.groups()) if beside else (row,):
            yield posixpath.normpath(posixpath.join(site, place))


def _add(found: Claims, path: str, owner: str) -> None:
    if found.files.get(path) != OWN:
        found.files[path] = owner


def _add_egg(tree: Tree, text: Callable[[str], str], info: str, found: Claims) -> None:
    """Add an egg's files. One with SOURCES.txt and no list of files is a project in its place."""
    name = posixpath.basename(info).rpartition(".egg-info")[0].partition("-")[0]
    found.folders[info] = f"python/{name}"
    if listed := text(f"{info}/installed-files.txt"):
        for line in filter(None, listed.splitlines()):
            place = posixpath.normpath(posixpath.join(info, line))
            found.files.setdefault(place, f"python/{name}")
    elif f"{info}/SOURCES.txt" not in tree.by_path:
        top = text(f"{info}/top_level.txt")
        _add_named(tree, posixpath.dirname(info), name, top, f"python/{name}", found)


def _add_named(tree: Tree, site: str, name: str, top: str, owner: str, found: Claims) -> None:
    plain = file_name(name)
    for module in {plain, plain.lower(), f"{plain}.libs", *top.split()} - _ANYBODYS:
        place = posixpath.join(site, module)
        if place in tree.by_path:
            found.folders.setdefault(place, owner)
        found.files.setdefault(f"{place}.py", owner)


def _is_private(metadata: str) -> bool:
    """Return whether no public index would take a distribution."""
    headers = metadata.replace("\r\n", "\n").partition("\n\n")[0]
    return re.search(r"^Classifier:\s*Private\s*::", headers, re.MULTILINE) is not None


def _rows(record: str) -> Iterator[str]:
    """Yield the paths of a RECORD, up to the first line that is broken."""
    for path, *_ in rows_of(record):
        if path and not path.startswith("/"):
            yield path
