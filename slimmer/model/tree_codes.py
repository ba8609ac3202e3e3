"""Codes of findings about several trees in one, and what is installed for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slimmer.model.code import BUILD, NOTE, WARN, Code

TREES: Final[Mapping[str, Code]] = {
    "trees-meet": Code(
        WARN,
        BUILD,
        "Several trees have a path with different content, and that of the later tree ships.",
    ),
    "left-out": Code(
        NOTE,
        BUILD,
        "The tree's own node_modules is left out, since --npm installs the lock file's.",
    ),
    "generated-code": Code(
        NOTE,
        BUILD,
        "What a generator wrote into the node_modules beside the lock file of --npm ships.",
    ),
    "local-packages": Code(
        NOTE,
        BUILD,
        "Packages of the project's own, which the lock file of --npm links to, ship from there; a "
        "warning where one that is the tree gets other versions of packages than it needs.",
        others=(WARN,),
    ),
    "scripts-not-run": Code(
        WARN,
        BUILD,
        "Packages have install scripts that --npm did not run, or the project has one of its own.",
    ),
    "lock-stale": Code(
        WARN,
        BUILD,
        "A lock file of uv was made before the project required what it does, and ships as it is.",
    ),
    "trees-alike": Code(NOTE, BUILD, "Several trees have the same file, which ships once."),
}
