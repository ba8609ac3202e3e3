"""Yarn's Plug'n'Play: archives in its cache that it unpacked for the program, or for nobody.

``.pnp.cjs`` names where each package lies. A package that cannot run from a zip lies in
``.yarn/unplugged``, and its archive is a second copy. Source: Yarn's documentation of the PnP
specification, ``packageLocation``.
"""

from __future__ import annotations

import posixpath
import re

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.model.rules import Action, Rule, Tier, Verdict
from slimmer.model.tree import Kind

_MAP, _DATA = ".pnp.cjs", ".pnp.data.json"
_RULE = Rule(
    "yarn/cache-copies",
    Action.DROP,
    ".yarn/cache/*.zip",
    "Yarn's map of packages leads to no file in them; what runs was unpacked beside them.",
    "--keep",
    "Second copies of Yarn's packages",
)
_LOCATION = re.compile(rb"packageLocation\"[^\n]*")
_CACHE = re.compile(r"\.yarn/cache/[^/]+\.zip")


def drop_cache_copies(request: DropRequest) -> Drops:
    """Return drops of the archives that no package lies in. Raises what reading raises."""
    drops: dict[str, Verdict] = {}
    tree, verdicts = request.context.tree, request.verdicts
    for entry in tree.ending_in(_MAP) if request.tier >= Tier.DEFAULT else ():
        root = posixpath.dirname(entry.path)
        maps = [posixpath.join(root, name) for name in (_MAP, _DATA)]
        files = [path for path in maps if path in tree.by_path and verdicts[path].kept]
        text = b"".join(map(request.context.read, files))
        if _LOCATION.search(text) is None:  # of a form that is not known
            continue
        prefix = f"{root}/" if root else ""
        for archive in tree.below(posixpath.join(root, ".yarn/cache")):
            is_archive = _CACHE.fullmatch(archive.path[len(prefix) :]) is not None
            name = posixpath.basename(archive.path).encode("utf-8", "surrogateescape")
            verdict = verdicts[archive.path]
            is_free = verdict.kept and not verdict.kept_by_user
            is_yarns = archive.kind is Kind.FILE and is_archive and not request.is_own(archive.path)
            if is_yarns and is_free and name not in text:
                drops[archive.path] = Verdict(Action.DROP, _RULE)
    return Drops(drops)
