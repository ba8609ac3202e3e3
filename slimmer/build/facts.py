"""What former builds know of a tree's files: what their transforms made, by digest and recipe."""

from __future__ import annotations

import json

from slimmer.build.digests import Digests
from slimmer.cache.cache import Cache
from slimmer.cache.code import code_digest
from slimmer.model.artifact import Change
from slimmer.model.plan import Generated, Keep, Shipped
from slimmer.model.tree import Kind
from slimmer.outputs.zip import Known
from slimmer.transforms import TransformContext, recipe

_KIND = "made"


class Facts:
    """Finds and keeps what is known of the members that are files of the tree."""

    def __init__(self, cache: Cache, digests: Digests):
        self._cache = cache
        self._digests = digests

    def of(self, step: Shipped, context: TransformContext) -> Fact | None:
        """Return where what is known of a step's member lies; None for what is never kept."""
        if isinstance(step, Generated) or not isinstance(step, Keep):
            return None
        if step.entry.kind is not Kind.FILE:
            return None
        made_by = recipe(step.entry.path, step.transforms, context)
        if made_by is None:
            return None
        return Fact(self._cache, self._digests, step, made_by)


class Fact:
    """What is known of one member."""

    def __init__(
        self, cache: Cache, digests: Digests, step: Keep, made_by: tuple[object, ...]
    ) -> None:
        self._cache = cache
        self._digests = digests
        self._path = step.entry.path
        self._parts = (step.entry.executable, *made_by)

    def known(self) -> Known | None:
        """Return what is known of the content, or None."""
        payload = self._cache.get(_KIND, *self._name())
        if payload is None:
            return None
        mode, size_bytes, digest, change = json.loads(payload)
        return Known(mode, size_bytes, digest, Change(*change) if change else None)

    def remember(self, known: Known) -> None:
        """Keep what was found out. Archives, whose changes have members, are never kept."""
        change = list(known.change[:4]) if known.change else None
        row = [known.mode, known.size_bytes, known.digest, change]
        self._cache.put(json.dumps(row).encode(), _KIND, *self._name())

    def _name(self) -> tuple[object, ...]:
        return (code_digest(), self._digests.of(self._path), *self._parts)
