"""What npm, yarn and pnpm wrote: the packages of a registry, and their own bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable

from slimmer.ecosystems.node.installed import InstalledPackages
from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Kind, Tree

_PACKAGE = re.compile(r"(?:.*/|)node_modules/((?:@[^/]+/)?[^/@.][^/]*)")
_BOOKKEEPING = re.compile(r"(?:.*/|)node_modules/\.[^/]+")


def claims(tree: Tree, text: Callable[[str], str]) -> Claims:
    """Return what package managers wrote.

    A folder in node_modules without a package.json that a registry would take is the user's own,
    except within a package of a registry, which came with it.
    """
    found = Claims()
    packages = InstalledPackages(text)
    directory = Kind.DIRECTORY
    for path, kind, *_ in tree.entries:
        if "node_modules" not in path:
            continue
        if _BOOKKEEPING.fullmatch(path):
            (found.folders if kind is directory else found.files)[path] = "node/package-manager"
        elif kind is directory and (package := _PACKAGE.fullmatch(path)):
            holders = list(packages.folders(f"{path}/"))
            if packages.is_registrys(path):
                found.folders[path] = f"node/{package[1]}"
            elif not any(map(packages.is_registrys, holders)):
                found.folders[path] = OWN
    return found
