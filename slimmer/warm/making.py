"""The steps in which every kind of cache is made and proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from slimmer.warm.plot import Plot


class Made(NamedTuple):
    """A cache as a run has left it."""

    #: The version that wrote it.
    title: str
    #: The variable that switches it on, and its value.
    env: tuple[str, str]
    #: Its files, by their paths in the zip.
    files: Mapping[str, bytes]


class Hits(NamedTuple):
    """What a fresh run took from a cache, and the files of those parts that it took."""

    number: int
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Making:
    """How a cache is made. ``folder`` is where it is to lie, as the zip's path."""

    #: Lays out what the making run needs; returns its variables. Raises InputError.
    prepare: Callable[[Plot], Mapping[str, str]]
    #: Returns what the run has left. Raises InputError where that is nothing.
    collect: Callable[[Plot, str], Made]
    #: Lays out what shows hits; returns the variables of the run that is to hit.
    watch: Callable[[Plot, Made], Mapping[str, str]]
    #: Returns what was hit.
    hits: Callable[[Plot, Made], Hits]
    #: Makes the runtime miss, as one of another version does.
    spoil: Callable[[Plot, Made], None]
