"""Which distributions are used that another states for an extra alone.

People ask for an extra by installing what it names, so only what happens tells whether they use it:
a module that is loaded imports it at its top, in most cases under ``try``; or it does so in a
function, and the user's own code names that function, what calls it in the same module
(``EmailStr``), or the module in a string (``postgresql://``). Else pandas would keep scipy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from slimmer.ecosystems.python.parts import Source
from slimmer.ecosystems.python.places import Places
from slimmer.formats import FormatError
from slimmer.formats.python.imports import imports, words
from slimmer.formats.python.statements import Import
from slimmer.formats.python.top_level import when_loaded
from slimmer.model.uses import Use
from slimmer.paths import folder_of

_DEFINED = re.compile(rb"(?m)^([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_FEWEST = 5  # letters of a word in a string that names a module


class Offer(NamedTuple):
    """A source of a distribution that may import others which it states for an extra."""

    source: Source
    #: Those others: the words of each module that is theirs, and their units.
    others: Mapping[tuple[bytes, ...], frozenset[str]]


def optional_uses(
    offers: Sequence[Offer],
    own: Sequence[Source],
    strings: AbstractSet[bytes],
    every: Iterable[Source],
) -> Iterator[Use]:
    """Yield who uses what it states for an extra.

    ``own`` are the user's sources, ``strings`` the words of their imports and of strings that are
    names, those of whole packages left out, and ``every`` all sources there are.
    """
    if not offers:
        return
    loaded = _Loader(every).loaded(own)
    said = {word for source in own for word in words(source.read())}
    names = {word for word in strings if len(word) >= _FEWEST}
    for source, others in offers:
        data = source.read()
        path = words(source.name.encode("utf-8", "replace"))
        is_named = not names.isdisjoint(path)
        for asked, units in _asked(data, others):
            if asked.deferred:
                is_used = is_named or not said.isdisjoint(_askers(data, asked))
            else:
                is_used = _place(source) in loaded
            if is_used:
                yield from (Use(source.part, unit, source.name) for unit in units)


def _asked(
    data: bytes, others: Mapping[tuple[bytes, ...], frozenset[str]]
) -> Iterator[tuple[Import, set[str]]]:
    """Yield the imports of a source that load others; none where it cannot be understood."""
    try:
        found = imports(data)
    except FormatError:
        return
    for asked in found:
        if not asked.level and asked.kind == "module":
            module = tuple(words(f"{asked.module} {asked.name}".encode("utf-8", "replace")))
            units = {u for name, us in others.items() if module[: len(name)] == name for u in us}
            if units:
                yield asked, units


class _Loader:
    """Follows what modules import when they are loaded, under ``try`` and conditions, too."""

    def __init__(self, every: Iterable[Source]) -> None:
        self._files = {_place(source): source for source in every}
        self._places = Places(self._files)

    def loaded(self, own: Iterable[Source]) -> frozenset[str]:
        """Return the places of all sources that are loaded, whatever these sources import."""
        todo = [_place(source) for source in own]
        seen = set(todo)
        is_own = frozenset(todo)
        for path in todo:  # it grows
            for asked in self._imports(path, path in is_own):
                for other in self._sources(path, asked):
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
        return frozenset(seen)

    def _imports(self, path: str, is_own: bool) -> Iterable[Import]:
        data = self._files[path].read()
        if not is_own:
            return when_loaded(data)
        try:
            return imports(data)
        except FormatError:
            return ()

    def _sources(self, path: str, asked: Import) -> Iterator[str]:
        """Yield the sources that an import loads, outermost first."""
        parts = [part for part in asked.module.split(".") if part]
        if asked.kind != "module":
            return
        now: tuple[str, ...] = self._places.folders(parts[0]) if not asked.level and parts else ()
        if asked.level:
            folder = folder_of(path)
            for _ in range(asked.level - 1):
                folder = folder_of(folder)
            now = (folder,)
        for part in (*parts, *([asked.name] if asked.name not in ("", "*") else [])):
            now = tuple(p for place in now if self._places.has(p := f"{place}/{part}"))
            for place in now:
                if source := self._places.source(place):
                    yield source


def _place(source: Source) -> str:
    """Return where a source lies: each zip has a folder of its own, and so has the tree."""
    zip_, colon, path = source.name.rpartition(": ")
    return f"{zip_}/{path}" if colon else f"tree/{source.name}"


def _askers(data: bytes, asked: Import) -> set[bytes]:
    """Return the names by which other code comes to an import in a function of a module."""
    top = asked.module.partition(".")[0].encode("utf-8", "replace")
    line = re.compile(rb"(?m)^([ \t]+)(?:import|from)[ \t]+[\w., \t]*\b" + re.escape(top) + rb"\b")
    defined = list(_DEFINED.finditer(data))
    found = set[bytes]()
    for match in line.finditer(data):
        around = _around(defined, match.start(), len(match[1]))
        inner = [name for name in around if not name.startswith(b"_")]
        found.update(inner[-1:] or around[:1])
        if len(around) == 1:
            found |= _callers(data, defined, around[0])
    return {name for name in found if len(name) > 1}


def _around(defined: list[re.Match[bytes]], at: int, column: int) -> list[bytes]:
    """Return the names of the functions and classes around a line, outermost first."""
    found: list[bytes] = []
    for match in reversed([match for match in defined if match.start() < at]):
        if len(match[1]) < column:
            column = len(match[1])
            found.append(match[2])
        if not column:
            break
    return found[::-1]


def _callers(data: bytes, defined: list[re.Match[bytes]], name: bytes) -> set[bytes]:
    """Return what is defined at the top of a module and mentions a function of it."""
    tops = [match for match in defined if not match[1]]
    ends = [*(match.start() for match in tops[1:]), len(data)][: len(tops)]
    mention = re.compile(rb"\b" + re.escape(name) + rb"\b")
    return {m[2] for m, end in zip(tops, ends, strict=True) if mention.search(data, m.end(), end)}
