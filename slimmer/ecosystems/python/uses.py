"""Who uses which distribution: by what it requires, and by what sources name.

A distribution requires what its METADATA says without an extra. Beyond that its sources ask for
what they import and it never states, even in a function or under ``try``: without it they may do
something else and say nothing. What it states for an extra that people ask for it can do without;
an extra for its own tests or documents tells nothing of that. The user's own sources use every
distribution and module whose name is in an import or a string, since names can be put together.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.python.distributions import SCRIPTS, Distributions
from slimmer.ecosystems.python.optional import Offer, optional_uses
from slimmer.ecosystems.python.parts import Parts, Source
from slimmer.ecosystems.python.prescan import path_bytes
from slimmer.formats import FormatError
from slimmer.formats.python.imports import asking_words, imports, scheme_words, words
from slimmer.formats.python.metadata import Requirement, normal_name, requirements
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry
from slimmer.model.uses import Use, Uses, own_part
from slimmer.paths import folder_of, join, name_of, parents

_KIND = "python/"
_MODULES = (".py", ".so", ".pyd")
#: Words of extras that nobody asks for who only uses a distribution.
_FOR_ITSELF = frozenset(
    (
        *("test", "tests", "testing", "dev", "develop", "development", "doc", "docs", "typing"),
        *("documentation", "lint", "mypy", "types", "ci", "build", "benchmark", "benchmarks", "qa"),
        *("style", "tox", "nox", "coverage", "cover", "check", "release", "maintainer"),
    )
)


class _Spoken(NamedTuple):
    """A source, and the words in its imports and strings."""

    source: Source
    words: set[bytes]


def find_uses(request: UsesRequest) -> Uses:
    """Return which distributions of a tree, and own sources, use which others."""
    tree, read = request.context.tree, request.context.read
    dists = Distributions(tree, read)
    metadata = dict(_metadata(request))
    required = {unit: tuple(requirements(read(path))) for unit, path in metadata.items()}
    modules = _Modules(request, {unit: folder_of(folder_of(p)) for unit, p in metadata.items()})
    plugins, parts = Plugins(request, dists), Parts(request)
    uses, spoken = set(_stated(required)), []
    for source in _sources(request):
        data = source.read()
        schemes = scheme_words(data) if source.part not in required else set[bytes]()
        spoken.append(_Spoken(source, asking_words(data) | schemes))
        uses.update(plugins.asked(source, data))
        parts.look(source, data)
    uses |= {*modules.asked(spoken, required), *parts.uses()}
    uses |= set(_optional(modules, spoken, required))
    units = frozenset(required).union(parts.units)
    return Uses(units, tuple(uses), frozenset(), parts.finer, tuple(parts.notes()))


def _optional(
    modules: _Modules, said: Sequence[_Spoken], required: Mapping[str, Sequence[Requirement]]
) -> Iterator[Use]:
    """Yield what distributions use of what they state for an extra alone."""
    extras: dict[str, frozenset[str]] = {}
    for unit, rows in required.items():
        stated = {row.name for row in rows if not row.extra}
        asked = {row.name for row in rows if row.extra and not _is_for_itself(row.extra)}
        extras[unit] = frozenset(u for u in required if _plain(u) in asked - stated)
    offers = [
        Offer(source, modules.of_units(extras[source.part], spoken))
        for source, spoken in said
        if extras.get(source.part)
    ]
    own = [(source, spoken) for source, spoken in said if source.part not in required]
    strings = set[bytes]().union(*(spoken for _, spoken in own)) - modules.tops
    starts = [source for source, _ in own]
    every = (source for source, _ in said)
    return optional_uses([offer for offer in offers if offer.others], starts, strings, every)


def _metadata(request: UsesRequest) -> Iterator[tuple[str, str]]:
    """Yield each distribution as a unit, and its METADATA."""
    for entry in request.kept(".dist-info/METADATA", ".egg-info/PKG-INFO"):
        owner = request.owners[entry.path]
        if owner.startswith(_KIND):
            yield owner, entry.path


def _stated(required: dict[str, tuple[Requirement, ...]]) -> Iterator[Use]:
    """Yield what distributions require, and what their extras do that others ask of them."""
    units: dict[str, str] = {normal_name(unit.removeprefix(_KIND)): unit for unit in required}
    todo = [(unit, "") for unit in required]
    asked = set(todo)
    while todo:
        unit, extra = todo.pop()
        for other in required[unit]:
            if other.extra == extra and other.name in units:
                yield Use(unit, units[other.name], "Requires-Dist")
                more = {(units[other.name], each) for each in other.extras} - asked
                asked |= more
                todo += more


def _sources(request: UsesRequest) -> Iterator[Source]:
    read = request.context.read
    for entry in request.kept(".py"):
        yield Source(entry.path, request.part(entry.path), partial(read, entry.path))
    for zip_ in request.context.deployment.siblings:
        for entry in zip_.tree.ending_in(".py"):
            name = f"{zip_.name}: {entry.path}"
            yield Source(name, name, partial(zip_.read, entry.path))


class _Modules:
    """The modules by which parts are asked for."""

    def __init__(self, request: UsesRequest, holders: Mapping[str, str]) -> None:
        """Take the units with the folders that their distributions lie in."""
        self._units = holders.keys()
        self._by_words: dict[tuple[bytes, ...], set[str]] = {}
        #: The words of which each name has at least one, and the names that have it.
        self._names: dict[bytes, list[tuple[tuple[bytes, ...], str]]] = {}
        for entry in request.kept(*_MODULES):
            owner = request.owners[entry.path]
            if owner == OWN:
                self._add(_last_word(entry), own_part(entry.path))
            elif owner in self._units:
                self._add(_words_of(request, entry, join(holders[owner], "")), owner)

    def _add(self, name: tuple[bytes, ...], part: str) -> None:
        known = self._by_words.setdefault(name, set())
        if name and part not in known:
            known.add(part)
            self._names.setdefault(max(name, key=lambda word: (len(word), word)), []).append(
                (name, part)
            )

    def asked(
        self, said: Sequence[_Spoken], required: Mapping[str, Sequence[Requirement]]
    ) -> Iterator[Use]:
        """Yield what sources use.

        What a distribution never states counts where one of its modules imports it that
        something else names: many bring a module for others that they do without.
        """
        for source, spoken in said:
            found = self._named(source, spoken)
            rows = required.get(source.part)
            if rows is not None:
                stated = {other.name for other in rows if not _is_for_itself(other.extra)}
                unsaid = [u for u in found if u in self._units and _plain(u) not in stated]
                is_named = bool(unsaid) and _is_named(source, said)
                found = set(self._imported(source, unsaid)) if is_named else set()
            yield from (Use(source.part, part, source.name) for part in found)

    @property
    def tops(self) -> set[bytes]:
        """The first word of each module."""
        return {name[0] for name in self._by_words if name}

    def of_units(
        self, units: frozenset[str], said: set[bytes]
    ) -> dict[tuple[bytes, ...], frozenset[str]]:
        """Return the modules of these units, as words, that some words could name."""
        return {
            name: frozenset(parts & units)
            for name, parts in self._by_words.items()
            if parts & units and said.issuperset(name)
        }

    def _named(self, source: Source, said: set[bytes]) -> set[str]:
        """Return the parts that a source with these words could mean."""
        return {
            part
            for word in said & self._names.keys()
            for name, part in self._names[word]
            if part != source.part and said.issuperset(name)
        }

    def _imported(self, source: Source, units: list[str]) -> Iterator[str]:
        """Yield those of the units that a source imports, in a function or under ``try``, too."""
        try:
            found = [i for i in imports(source.read()) if not i.level]
        except FormatError:
            yield from units
            return
        loaded = [tuple(words(path_bytes(f"{i.module} {i.name}"))) for i in found]
        for name, parts in self._by_words.items():
            if any(module[: len(name)] == name for module in loaded):
                yield from parts.intersection(units)


def _is_for_itself(extra: str) -> bool:
    """Return whether an extra is for who works on the distribution itself."""
    return not _FOR_ITSELF.isdisjoint(re.split(r"[-_.]", extra.lower()))


def _is_named(source: Source, said: Iterable[_Spoken]) -> bool:
    """Return whether a source is a package, or any other names its module and its package."""
    folder, _, name = source.name.rpartition("/")
    stem = name.partition(".")[0]
    module, package = words(path_bytes(stem)), words(path_bytes(name_of(folder)))
    return stem in ("__init__", "__main__") or any(
        words_there.issuperset(module)
        and (other.part == source.part or words_there.issuperset(package))
        for other, words_there in said
        if other.name != source.name
    )


def _words_of(request: UsesRequest, entry: Entry, root: str) -> tuple[bytes, ...]:
    """Return the words of the outermost module around a file that is its owner's alone."""
    owner = request.owners[entry.path]
    alone = [f for f in parents(entry.path) if request.owners[f] == owner and f.startswith(root)]
    stem = name_of(entry.path).partition(".")[0]
    module = alone[-1] if alone else join(folder_of(entry.path), stem)
    return tuple(words(path_bytes(module.removeprefix(root))))


def _last_word(entry: Entry) -> tuple[bytes, ...]:
    stem = posixpath.basename(entry.path).partition(".")[0]
    name = posixpath.basename(posixpath.dirname(entry.path)) if stem == "__init__" else stem
    return tuple(words(path_bytes(name)))


def _plain(unit: str) -> str:
    return normal_name(unit.removeprefix(_KIND))


class Plugins:
    """The entry points of the kept distributions, by the group that asks for them."""

    def __init__(self, request: UsesRequest, dists: Distributions) -> None:
        self._groups: dict[bytes, set[str]] = {}
        for point in dists.points():
            if point.group not in SCRIPTS and request.verdicts[point.path].kept:
                part = request.part(point.path)
                self._groups.setdefault(path_bytes(point.group), set()).add(part)

    def asked(self, source: Source, data: bytes) -> Iterator[Use]:
        """Yield whose entry points a source asks for."""
        if self._groups and b"entry_points" in data:
            for group, parts in self._groups.items():
                if group in data:
                    yield from (Use(source.part, p, source.name) for p in parts - {source.part})
