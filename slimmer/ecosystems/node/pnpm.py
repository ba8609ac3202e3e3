"""The link to the project itself that ``pnpm deploy`` makes, which leads out of what it deploys."""

from __future__ import annotations

import re

from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.model.rules import Action, Rule, Verdict
from slimmer.model.tree_links import leading_out

_HOISTED = re.compile(r"(?:.*/|)node_modules/\.pnpm/node_modules/(?:@[^/]+/)?[^/]+")
_DROP = Verdict(
    Action.DROP,
    Rule(
        "node/hoisted",
        Action.DROP,
        "node_modules/.pnpm/node_modules/*",
        "The link of pnpm leads to a project outside of the tree; Node finds a package by its "
        "own name without it.",
        "pnpm",
        "Links of pnpm to the project",
    ),
)


def drop_outside(request: DropRequest) -> Drops:
    """Drop the links of pnpm's hidden folder of hoisted packages that lead out of the tree."""
    links = request.context.tree.links
    hoisted = [
        link.path
        for link in links
        if _HOISTED.fullmatch(link.path) and request.verdicts[link.path].kept
    ]
    if not hoisted:
        return Drops()
    targets = {link.path: link.target for link in links}
    return Drops(dict.fromkeys(leading_out(targets, hoisted), _DROP))
