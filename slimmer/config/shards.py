"""``--shard I/N``: the part of a project's artifacts that one machine of several builds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slimmer.config.artifacts import ArtifactSpec, in_order, needs
from slimmer.errors import UsageError
from slimmer.text import printable

_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


def shard_of(
    specs: Mapping[str, ArtifactSpec], names: tuple[str, ...], shard: str
) -> tuple[ArtifactSpec, ...]:
    """Return the artifacts of a shard, such as ``2/3``, and those that they are built with.

    Each of the names is in one of the shards, and a shard has about as many as another. Raises
    UsageError for what is no shard, and as ``in_order`` does.
    """
    found = _SHARD.fullmatch(shard)
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(f"--shard {printable(shard)!r} is no part of a whole; say 1/3, 2/3 or 3/3")
    ordered = in_order(specs, names)
    waiting = [spec.name for spec in ordered[int(found[1]) - 1 :: int(found[2])]]
    wanted: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [other for other in needs(specs[name]) if other in specs]
    return in_order(specs, tuple(sorted(wanted))) if wanted else ()
