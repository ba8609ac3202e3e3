"""What npm, yarn and pnpm wrote: the packages of a registry, and their own bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable

from slimmer.ecosystems.node.installed import InstalledPackages
from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Kind, Tree

_PACKAGE = re.compile(r"(?:.*/|)node_modules/((?:@[^/]+/)?[^/@.][^/]*)")
# Yarn's name-registry-version-hash.zip; of a folder or a file it has "file" for "npm".
_YARN_ZIP = re.compile(r"(?:.*/|)\.yarn/cache/(@?[^/]+?)-npm-[^/]+\.zip")
_YARN_FILES = (".pnp.cjs", ".pnp.loader.mjs", ".pnp.data.json", ".yarn/install-state.gz")
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
        if kind is Kind.FILE and (owner := _of_yarn(path)):
            found.files[path] = owner
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


def _of_yarn(path: str) -> str:
    """Return the owner of what Yarn writes for Plug'n'Play, "" for what else a path is."""
    if path.endswith(".zip") and (package := _YARN_ZIP.fullmatch(path)):
        return f"node/{package[1]}"
    is_yarns = any(path == name or path.endswith(f"/{name}") for name in _YARN_FILES)
    return "node/package-manager" if is_yarns else ""
