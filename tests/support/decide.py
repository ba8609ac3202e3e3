"""What slim decides on small trees in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Action, Selector, Tier
from slimmer.rules.packs import Pack, load_packs
from tests.support.trees import MemorySource

PACKS = load_packs()


class Choices(TypedDict, total=False):
    """The settings that tests choose, as in ``Settings``."""

    tier: Tier
    prefix: str
    pyc: str
    guards: tuple[str, ...]
    arch: str
    foreign: str
    entry: tuple[str, ...]
    tree_shake: bool


def decide(
    files: Mapping[str, bytes] | MemorySource,
    links: Mapping[str, str] | None = None,
    *,
    drop: str = "",
    keep: str = "",
    target: str = "lambda",
    packs: Sequence[Pack] = PACKS,
    deployment: Deployment | None = None,
    **choices: Unpack[Choices],
) -> Decision:
    """Return the decision on these files; ``drop`` and ``keep`` are words between spaces."""
    source = files if isinstance(files, MemorySource) else MemorySource(files, links)
    settings = Settings(
        drop=tuple(Selector(word, "--drop") for word in drop.split()),
        keep=tuple(Selector(word, "--keep") for word in keep.split()),
        target=target,
        **choices,
    )
    return decide_tree(Question(source, tuple(packs), settings, deployment or Deployment()))


def kept(decision: Decision) -> set[str]:
    """Return the paths that stay."""
    return {path for path, v in decision.verdicts.items() if v.action is Action.KEEP}


def dropped(decision: Decision) -> set[str]:
    """Return the paths that go."""
    return {path for path, v in decision.verdicts.items() if v.action is Action.DROP}
