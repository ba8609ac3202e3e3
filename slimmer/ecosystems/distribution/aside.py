"""What of an image stands aside of its packages: others' own modules, and places of nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slimmer.formats.javascript.lifecycle import run_at_install
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, join, name_of

_MANIFEST = "package.json"
#: Where packages leave settings for the services of systemd (sysctl.d(5) and the like).
_OF_SYSTEM = re.compile(r"(?:usr/)?lib/(?:binfmt|modules-load|sysctl|sysusers|tmpfiles)\.d")
_STANDARD = re.compile(r"python/python3\.\d+t?")


def install_scripts(tree: Tree, read: Callable[[str], bytes]) -> frozenset[str]:
    """Return the scripts that npm runs where it installs a package. Raises what reading raises."""
    found: set[str] = set()
    for entry in tree.ending_in(_MANIFEST):
        if name_of(entry.path) == _MANIFEST and entry.kind is Kind.FILE:
            scripts = run_at_install(read(entry.path))
            found.update(join(folder_of(entry.path), script) for script in scripts)
    return frozenset(found)


def standard_libraries(placed: Mapping[str, str], owners: Mapping[str, str]) -> dict[str, str]:
    """Return the files of Python's own modules that packages placed, and whose they are.

    Such a package uses all of them, as Python reads them. What no package placed is no unit.
    """
    known = ((path, owners.get(path, "")) for path in placed)
    return {path: owner for path, owner in known if _STANDARD.fullmatch(owner)}


def is_nobodys(tree: Tree, folder: str) -> bool:
    """Return whether a folder is of no package, though one made it: a place that others fill.

    It is for the settings of services, or has no file, such as ``/usr/local/lib``.
    """
    is_place = _OF_SYSTEM.fullmatch(folder) is not None
    return is_place or all(each.kind is Kind.DIRECTORY for each in tree.below(folder))
