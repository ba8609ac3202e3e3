"""Owners: which installer wrote each path of a tree; what none wrote is the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from slimmer.model.tree import Kind, Tree
from slimmer.paths import parents

#: The owner of what no installer wrote. All others are ``ECOSYSTEM/NAME``.
OWN = "own"
#: The owner of a folder in which several have something.
SHARED = "shared"


@dataclass
class Claims:
    """What the installers of one ecosystem wrote, as they or their marks say."""

    #: The owner of single files.
    files: dict[str, str] = field(default_factory=dict)
    #: The owner of folders with all below, except where a deeper folder or a file has another.
    folders: dict[str, str] = field(default_factory=dict)
    #: The owner of what a distribution's package placed: it counts where no other claim does.
    placed: dict[str, str] = field(default_factory=dict)


def owners_of(tree: Tree, claims: Iterable[Claims]) -> Mapping[str, str]:
    """Return the owner of each path of a tree.

    A file's own claim counts before its folder's, and an inner folder's before an outer one's.
    What one claims as the user's own is that, whoever else claims the same path; but what a package
    of a distribution placed is no user's.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    placed: dict[str, str] = {}
    for each in claims:
        _add(files, each.files)
        _add(folders, each.folders)
        placed |= each.placed
    inside = {"": folders.get("", OWN)}
    owners: dict[str, str] = {}
    directory = Kind.DIRECTORY
    for entry in tree.entries:
        path = entry[0]
        around = inside[path.rpartition("/")[0]]
        if entry[1] is directory:
            inside[path] = owners[path] = folders.get(path, around)
        else:
            owners[path] = files.get(path, around)
    owners |= {p: who for p, who in placed.items() if owners.get(p) == OWN}
    return owners | _of_folders(tree, owners)


def _add(known: dict[str, str], more: Mapping[str, str]) -> None:
    own = [path for path, owner in more.items() if owner == OWN]
    known |= {path: owner for path, owner in more.items() if known.get(path) != OWN}
    known |= dict.fromkeys(own, OWN)


def _of_folders(tree: Tree, owners: Mapping[str, str]) -> dict[str, str]:
    """Return the owner of each folder that has something in it: that of all of it, or SHARED."""
    found: dict[str, str] = {}
    directory = Kind.DIRECTORY
    for entry in tree.entries:
        if entry[1] is directory:
            continue
        owner = owners[entry[0]]
        for folder in parents(entry[0]):
            known = found.get(folder)
            if known in (owner, SHARED):
                break
            found[folder] = owner if known is None else SHARED
            owner = found[folder]
    return found
