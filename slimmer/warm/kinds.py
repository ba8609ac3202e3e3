"""What can be made warm, a row each: how a run makes it, switches it on, and shows a hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slimmer.model.warm import JAVA, NODE
from slimmer.verify.model import RunSpec
from slimmer.warm import java, node
from slimmer.warm.making import Making


@dataclass(frozen=True)
class Kind:
    """A kind of cache; what is done with a plot says so in :mod:`slimmer.warm.making`."""

    name: str
    title: str
    #: Whether a function may have it: how it is run, and the paths of its artifact.
    applies: Callable[[RunSpec, Iterable[str]], bool]
    making: Making


KINDS = (
    Kind(NODE, "Node.js", node.applies, node.MAKING),
    Kind(JAVA, "Java", java.applies, java.MAKING),
)
