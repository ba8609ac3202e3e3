"""Which parts of large distributions code asks for, as packs say what a part is: ``client("s3")``.

A source that names a part by anything but a literal asks for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from slimmer.ecosystems.interface import UsesRequest
from slimmer.model.tree import Kind
from slimmer.model.unit_rules import PartsRule
from slimmer.model.uses import Use
from slimmer.paths import folder_of, name_of
from slimmer.text import printable

_KIND = "python/"
_FIRST_ARGUMENT = (  # a literal, or anything but none
    rb"\s{0,99}(?:\w{1,40}\s?=\s?)?(?:[\"']([\w-]{1,99})[\"']|(?=[^\s)]))"
)


class Source(NamedTuple):
    """A source and the part that it is of; ``name`` is the file as the user is told."""

    name: str
    part: str
    read: Callable[[], bytes]


class Parts:
    """The parts of all units of which packs know any, and who asks for them."""

    def __init__(self, request: UsesRequest) -> None:
        rules = (_Parts(request, rule) for rule in request.parts.get("python", ()))
        self._each = [each for each in rules if each.folders]

    @property
    def units(self) -> frozenset[str]:
        """The parts."""
        return frozenset(self.finer.values())

    @property
    def finer(self) -> dict[str, str]:
        """The folder of each part."""
        return {folder: part for each in self._each for folder, part in each.folders.items()}

    def look(self, source: Source, data: bytes) -> None:
        """Add what a source asks for."""
        for each in self._each:
            each.look(source, data)

    def uses(self) -> Iterator[Use]:
        """Yield what was asked for."""
        return (use for each in self._each for use in each.uses)

    def notes(self) -> Iterator[str]:
        """Yield what to say where parts are named by more than literals."""
        return (note for each in self._each for note in each.notes())


class _Parts:
    """The parts of one unit, and who asks for them."""

    def __init__(self, request: UsesRequest, rule: PartsRule) -> None:
        self._rule = rule
        self._unit = f"{_KIND}{rule.unit}"
        self._passing = {f"{_KIND}{name}" for name in rule.passing}
        names = b"|".join(re.escape(call.encode()) for call in rule.calls)
        self._calls = re.compile(rb"\b(?:" + names + rb")\(" + _FIRST_ARGUMENT)
        self._words = [name.encode() for name in rule.passing]
        self.folders = {
            entry.path: f"{self._unit}:{name_of(entry.path)}"
            for entry in request.context.tree.below(rule.folder)
            if entry.kind is Kind.DIRECTORY and folder_of(entry.path) == rule.folder
        }
        self.uses = {
            Use(self._unit, f"{self._unit}:{name}", "always")
            for name in rule.always
            if f"{rule.folder}/{name}" in self.folders
        }
        self._unclear: list[str] = []

    def look(self, source: Source, data: bytes) -> None:
        """Add what a source asks for."""
        if source.part in self._passing:
            return
        asked = {match[1] for match in self._calls.finditer(data)}
        if None in asked and any(word in data for word in self._words):
            self._unclear.append(source.name)
            asked = {name_of(folder).encode() for folder in self.folders}
        for name in asked - {None}:
            if f"{self._rule.folder}/{name.decode()}" in self.folders:
                self.uses.add(Use(source.part, f"{self._unit}:{name.decode()}", source.name))

    def notes(self) -> Iterator[str]:
        """Yield what to say where parts are named by more than literals."""
        if self._unclear:
            more = f" and {len(self._unclear) - 1:,} more" if len(self._unclear) > 1 else ""
            yield (
                f"{printable(self._unclear[0])}{more} may ask {self._rule.unit} for any of its "
                f"{len(self.folders):,} parts, by {self._rule.calls[0]}(); all count as reached"
            )
