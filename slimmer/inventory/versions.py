"""The versions of packages that an inventory tells: by names of folders and files, or of npm.

Sources: "Recording installed projects" (PyPA) for ``NAME-VERSION.dist-info``; the folders of
OTP applications, ``NAME-VERSION``; the names of Maven's jars.
"""

from __future__ import annotations

import re
from collections import defaultdict

from slimmer.inventory.inventory import Inventory
from slimmer.model.findings import Finding, finding
from slimmer.paths import parents

_DISTRIBUTION = re.compile(r"([^/]+?)-(\d[^/-]*)\.(?:dist-info|egg-info)")
_APPLICATION = re.compile(r"(?:^|/)[a-z]\w*-(\d[\w.]*)/ebin/[^/]+\.app$")
_JAR = re.compile(r"-(\d[\w.]*(?:-(?:jre|android|SNAPSHOT|RELEASE|M\d+|RC\d+))?)\.jar$")


def versions_of(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """Return the versions of each component that tells one, in order; usually there is one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item in inventory.items:
        version = inventory.npm.get(item.path) or _version(item.path)
        if version:
            found[item.component].add(version)
    return {name: tuple(sorted(versions)) for name, versions in found.items()}


def version_text(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """Return what became of versions: ``2.3.3 -> 3.1.1``; one alone where it is the same."""
    before, after = " + ".join(old), " + ".join(new)
    if before == after or not before:
        return after
    return f"{before} -> {after}" if after else before


def doubled(inventory: Inventory) -> list[Finding]:
    """Return a finding for each distribution that one folder holds in more than one version."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for item in inventory.items:
        for folder in parents(item.path):
            above, _, name = folder.rpartition("/")
            match = _DISTRIBUTION.fullmatch(name)
            if match:
                plain = re.sub(r"[-_.]+", "-", match[1]).lower()
                found[above, plain].add(match[2])
    return [
        finding(
            "two-versions",
            f"{name} has metadata of {len(versions)} versions ({', '.join(sorted(versions))}) in "
            f"{above or 'the root'}; install into an empty folder",
        )
        for (above, name), versions in sorted(found.items())
        if len(versions) > 1
    ]


def _version(path: str) -> str:
    folder = path.rpartition("/")[0].rpartition("/")[2]
    match = _DISTRIBUTION.fullmatch(folder)
    if match:
        return match[2]
    match = _APPLICATION.search(path) or _JAR.search(path)
    return match[1] if match else ""
