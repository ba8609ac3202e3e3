"""What ``--cache`` and ``--no-cache`` mean: the cache of a build."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from slimmer.cache.cache import NO_CACHE, Cache, Place
from slimmer.cache.folder import FolderPlace, default_folder
from slimmer.errors import UsageError, reason_of
from slimmer.text import printable

_OFF = "off"  # of SLIM_CACHE: builds do without, as with --no-cache


def cache_for(named: str | None, trees: Sequence[Path], name: str, *, off: bool) -> Cache:
    """Return the cache of a build of trees to a zip of this name.

    On this machine the trees tell what lies together, and elsewhere the name of the zip.
    Where the place is no good the cache is none, with what stands in the way: a build goes on.
    Raises UsageError for options that contradict each other.
    """
    if off and named:
        raise UsageError("--cache and --no-cache are opposites; remove one")
    if off or (not named and os.environ.get("SLIM_CACHE") == _OFF):
        return NO_CACHE
    try:
        place = place_of(named)
        if isinstance(place, FolderPlace):
            _check_outside(place.folder, trees)
    except OSError as error:
        return Cache(trouble=f"{printable(named or '')}: {reason_of(error)}".removeprefix(": "))
    return Cache(place, [str(tree.resolve()) for tree in trees] if place.is_near else [name])


def place_of(named: str | None) -> Place:
    """Return the place that ``--cache`` names, or else ``SLIM_CACHE``.

    Raises OSError where there is none.
    """
    said = os.environ.get("SLIM_CACHE", "")
    named = named or ("" if said == _OFF else said)
    if not named:
        return FolderPlace(default_folder())
    if "://" in named:
        from slimmer.cache.location import LocationPlace

        return LocationPlace(named)
    return FolderPlace(Path(named))


def _check_outside(folder: Path, trees: Sequence[Path]) -> None:
    """Raise OSError for a folder that would be part of what is built."""
    real = folder.resolve()
    if any(real.is_relative_to(tree.resolve()) for tree in trees):
        raise OSError(f"{printable(str(folder))} lies in the tree; name another with --cache")
