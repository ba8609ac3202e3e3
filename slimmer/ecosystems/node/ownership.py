"""What npm, yarn and pnpm wrote: the packages of a registry, and their own bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable

from slimmer.ecosystems.node.installed import InstalledPackages
from slimmer.model.owners import OWN, Claims
from slimmer.model.tree import Kind, Tree
from slimmer.paths import folder_of, name_of

_PACKAGE = re.compile(r"(?:.*/|)node_modules/((?:@[^/]+/)?[^/@.][^/]*)")
# Yarn's name-registry-version-hash.zip; of a folder or a file it has "file" for "npm".
_YARN_CACHE, _FROM_NPM = ".yarn/cache", "-npm-"
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
    package, from_npm, _ = name_of(path).partition(_FROM_NPM)
    if path.endswith(".zip") and from_npm and folder_of(path).endswith(_YARN_CACHE):
        return f"node/{package}"
    is_yarns = any(path == name or path.endswith(f"/{name}") for name in _YARN_FILES)
    return "node/package-manager" if is_yarns else ""
