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
    "scripts-not-run": Code(
        WARN,
        BUILD,
        "Packages have install scripts, which --npm does not run for another processor.",
    ),
    "lock-stale": Code(
        WARN,
        BUILD,
        "A lock file of uv was made before the project required what it does, and ships as it is.",
    ),
    "trees-alike": Code(NOTE, BUILD, "Several trees have the same file, which ships once."),
}
