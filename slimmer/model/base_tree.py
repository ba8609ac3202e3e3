"""What lies in the lowest layers of an image, where they stay as they are."""

from __future__ import annotations

from typing import NamedTuple


class BaseTree(NamedTuple):
    """The paths in an image's lowest layers."""

    #: How many layers these are.
    layers: int
    paths: frozenset[str]
    #: Those that no layer above changed.
    alike: frozenset[str]
    folders: frozenset[str]


NO_BASE = BaseTree(0, frozenset(), frozenset(), frozenset())
