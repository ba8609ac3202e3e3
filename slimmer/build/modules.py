"""Java's list of modules in the plan: without the bytes of those that a shrink leaves hollow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slimmer.decide.hollow import HollowModule
from slimmer.formats.java.jimage import hollowed


def reading_hollow(
    read: Callable[[str], bytes], hollow: Mapping[str, tuple[HollowModule, ...]]
) -> Callable[[str], bytes]:
    """Return what reads all, and lists of modules as they ship."""

    def read_all(path: str) -> bytes:
        data = read(path)
        if path not in hollow:
            return data
        return hollowed(data, {each.module for each in hollow[path]})

    return read_all
