"""Which variants of a package code asks for, as packs say what a variant is: Prisma's engines.

A variant is reached where a text that ships names it, and where it is the one for the target's
platform. Code that puts such a name together may ask for any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.interface import UsesRequest
from slimmer.model.tree import Kind
from slimmer.model.unit_rules import VariantsRule
from slimmer.model.uses import Use
from slimmer.paths import folder_of, name_of
from slimmer.text import printable

_KIND = "node/"


def find_variants(request: UsesRequest) -> list[Variants]:
    """Return the variants that a tree has, rule by rule."""
    found = [Variants(request, rule) for rule in request.variants]
    return [each for each in found if each.finer]


class Variants:
    """The variants of one rule, and who asks for them."""

    def __init__(self, request: UsesRequest, rule: VariantsRule) -> None:
        """Take the tree, and what a pack says."""
        self._rule = rule
        self._passing = {f"{_KIND}{name}" for name in rule.passing}
        self._names = re.compile(rule.names.encode())
        self._joined = re.compile(rule.joined.encode())
        #: The part of each file that is a variant's.
        self.finer = self._files(request)
        self._parts = frozenset(self.finer.values())
        words = _platforms(request.context, rule.platforms)
        #: What runs on the target, whatever the code says.
        self.roots = frozenset(p for p in self._parts if any(word in p for word in words))
        self._unclear: list[str] = []

    @property
    def units(self) -> frozenset[str]:
        """The variants that can go: none where it is not known which the target takes."""
        return self._parts if self.roots or not self._rule.platforms else frozenset()

    def always(self) -> Iterator[Use]:
        """Yield what packages may use of it that work with any."""
        for name in self._rule.any_for:
            yield from (Use(f"{_KIND}{name}", part, "any variant") for part in self._parts)

    def asked(self, name: str, part: str, data: bytes) -> Iterator[Use]:
        """Yield what a text asks for; ``name`` is the file as the user is told."""
        if part in self._passing or name in self.finer:
            return
        named = {self._part(match[0].decode()) for match in self._names.finditer(data)}
        if self._joined.search(data):
            self._unclear.append(name)
            named = set(self._parts)
        yield from (Use(part, each, name) for each in named & self._parts)

    def notes(self) -> Iterator[str]:
        """Yield what to say where names are put together."""
        if self._unclear and self.units:
            more = f" and {len(self._unclear) - 1:,} more" if len(self._unclear) > 1 else ""
            yield (
                f"{printable(self._unclear[0])}{more} may ask for any of the {len(self._parts)} "
                f"variants in {self._rule.folder}; all count as reached"
            )

    def _files(self, request: UsesRequest) -> dict[str, str]:
        inside = f"/{self._rule.folder}"
        names = re.compile(self._rule.names)
        found = {}
        for path, kind, *_ in request.context.tree.entries:
            if kind is Kind.FILE and self._rule.folder in path and request.verdicts[path].kept:
                name = names.match(name_of(path))
                if name and f"/{folder_of(path)}".endswith(inside):
                    found[path] = self._part(name[0])
        return found

    def _part(self, name: str) -> str:
        return f"{_KIND}{self._rule.unit}:{name}"


def _platforms(context: Context, platforms: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Return the words in the names of what the target takes: of each processor it may have."""
    target = context.deployment.target
    there = target.libraries if target else frozenset()
    return {
        word
        for library, words in platforms.items()
        for arch, word in words.items()
        if library in there and context.arch in ("", arch)
    }
