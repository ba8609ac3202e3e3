"""The guard of Ruby: what kept code requires, and kept gems depend on, comes back.

The code of the user's own and of kept gems counts. What Ruby's own library requires does not: its
commands (``gem rdoc``, ``bundle console``) load a tool only where a person calls them. Where
Bundler is started, it looks for every gem that its lock names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.ruby.ownership import RUNTIME, InstalledGem, installed_gems
from slimmer.formats.ruby.requires import (
    Required,
    folders_above,
    locked,
    programs,
    requires,
    spec_dependencies,
    starts_bundler,
)
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, join, name_of

_RUBY = (".rb", ".ru", ".rake")
_CODE = (*_RUBY, "bootstrap", ".sh")
_LOCKS = ("Gemfile.lock", "gems.locked")
_FEATURE = re.compile(
    r"(?:.*/)?lib/(?:(?=[^/]+-linux-[^/])[^/]+/)?ruby/(?:\d[\d.]*|vendor_ruby)/(.+)\.(?:rb|so)"
)
_MAX_CODE_BYTES = 4 * 1024 * 1024  # generated clients of AWS have some 2 MB


class _Code(NamedTuple):
    """What one file of code says."""

    required: tuple[Required, ...]
    above: frozenset[str]
    bundler: bool
    programs: frozenset[str]


class RubyGuard:
    """Knows the gems of one tree; reads code that is kept, once."""

    def __init__(self, context: Context) -> None:
        self._tree = context.tree
        self._read = context.read
        self._owners = context.owners
        self._siblings = context.deployment.siblings
        self._known: dict[str, _Code] = {}
        self._needed: dict[str, tuple[str, ...]] = {}
        self._gems = tuple(installed_gems(context.tree))

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what kept code and kept gems ask for among what is dropped."""
        gone = [gem for gem in self._gems if _is_gone(gem, verdicts)]
        features = dict(self._features(gone, verdicts))
        tops = self._tops(verdicts)
        if not (features or tops):
            return
        by_name: dict[str, list[InstalledGem]] = {}
        for gem in gone:
            by_name.setdefault(gem.name, []).append(gem)
        bundler = ""
        for path, code in self._code(verdicts):
            bundler = bundler or (path if code.bundler else "")
            for each in code.required:
                for place in _found(each, features, by_name):
                    yield Reference(path, each.name, place, certain=True, line=each.line)
            for name in sorted(by_name.keys() & code.programs):
                for place in (place for gem in by_name[name] for place in gem.places):
                    yield Reference(path, name, place, certain=True)
            for place in tops.get(self._gem_of(path), {}).keys() & code.above:
                folder = join(self._gem_of(path), place)
                yield Reference(path, folder, folder, certain=True)
        yield from self._of_specs(verdicts, by_name)
        if bundler:
            yield from self._of_locks(verdicts, by_name)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Return nothing: what is asked for comes back."""
        return ()

    def _features(
        self, gone: Iterable[InstalledGem], verdicts: Mapping[str, Verdict]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield what can be required and is dropped, and where all that belongs to it lies."""
        specs = {gem.name: gem.spec for gem in gone}
        for entry in self._tree.ending_in(".rb", ".so"):
            feature = _FEATURE.fullmatch(entry.path)
            if feature and verdicts[entry.path].dropped and "/gems/" not in entry.path:
                first = feature[1].partition("/")[0]
                version = entry.path[: -len(entry.path.partition(feature[1])[1]) - 3]
                top = join(version.rstrip("/"), first)
                places = [p for p in (f"{top}.rb", top) if p in self._tree.by_path]
                spec = [specs[first]] if first in specs else []
                yield feature[1], (*places, *spec) if places else (entry.path, *spec)
        for gem in gone:
            for entry in self._tree.below(join(gem.folder, "lib")):
                if entry.path.endswith((".rb", ".so")):
                    inside = entry.path[len(gem.folder) + len("/lib/") :]
                    yield inside.rpartition(".")[0], gem.places

    def _tops(self, verdicts: Mapping[str, Verdict]) -> dict[str, dict[str, None]]:
        """Return the folders at the top of each kept gem that are dropped, by the gem's folder."""
        found: dict[str, dict[str, None]] = {}
        for gem in self._gems:
            if gem.folder in verdicts and verdicts[gem.folder].kept:
                start = gem.folder + "/"
                for entry in self._tree.below(gem.folder):
                    inside = entry.path[len(start) :]
                    is_top = entry.kind is Kind.DIRECTORY and inside and "/" not in inside
                    if is_top and verdicts[entry.path].dropped:
                        found.setdefault(gem.folder, {})[inside] = None
        return found

    def _gem_of(self, path: str) -> str:
        """Return the folder of the gem that a path lies in; empty for one in none."""
        start, found, rest = path.rpartition("gems/")
        return join(start.rstrip("/"), f"gems/{rest.partition('/')[0]}") if found else ""

    def _code(self, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, _Code]]:
        for entry in self._tree.ending_in(*_CODE):
            path = entry.path
            owner = self._owners.get(path, OWN)
            gem = self._gem_of(path) if owner != OWN else ""
            counts = path.startswith(f"{gem}/lib/") if gem else owner != RUNTIME
            if entry.kind is not Kind.FILE or not counts or not verdicts[path].kept:
                continue
            if entry.size_bytes <= _MAX_CODE_BYTES:
                yield path, self._said(path, partial(self._read, path), is_own=not gem)
        for zip_ in self._siblings:
            for entry in zip_.tree.ending_in(*_CODE):
                if entry.kind is Kind.FILE and entry.size_bytes <= _MAX_CODE_BYTES:
                    name = f"{zip_.name}: {entry.path}"
                    yield name, self._said(name, partial(zip_.read, entry.path), is_own=True)

    def _said(self, name: str, read: Callable[[], bytes], *, is_own: bool) -> _Code:
        """Return what a file of code says, which is read once."""
        if name not in self._known:
            text = read()
            is_ruby = name.endswith(_RUBY)
            self._known[name] = _Code(
                tuple(requires(text)),
                folders_above(text),
                starts_bundler(text),
                programs(text, is_ruby=is_ruby) if is_own else frozenset(),
            )
        return self._known[name]

    def _of_specs(
        self, verdicts: Mapping[str, Verdict], by_name: Mapping[str, list[InstalledGem]]
    ) -> Iterator[Reference]:
        """Yield what kept gems depend on."""
        for gem in self._gems if by_name else ():
            if verdicts[gem.spec].kept and not _is_gone(gem, verdicts):
                if gem.spec not in self._needed:
                    self._needed[gem.spec] = spec_dependencies(self._read(gem.spec))
                yield from _asked(gem.name, self._needed[gem.spec], by_name, gem.spec)

    def _of_locks(
        self, verdicts: Mapping[str, Verdict], by_name: Mapping[str, list[InstalledGem]]
    ) -> Iterator[Reference]:
        """Yield what Bundler looks for, since a lock of the user's own names it."""
        for entry in self._tree.ending_in(*_LOCKS):
            path = entry.path
            is_own = self._owners.get(path, OWN) == OWN and name_of(path) in _LOCKS
            if is_own and entry.kind is Kind.FILE and verdicts[path].kept:
                yield from _asked(path, locked(self._read(path)), by_name, path)
        for zip_ in self._siblings:
            for entry in zip_.tree.ending_in(*_LOCKS):
                if entry.kind is Kind.FILE:
                    name = f"{zip_.name}: {entry.path}"
                    yield from _asked(name, locked(zip_.read(entry.path)), by_name, name)


def _is_gone(gem: InstalledGem, verdicts: Mapping[str, Verdict]) -> bool:
    return any(p in verdicts and verdicts[p].dropped for p in (gem.folder, gem.spec))


def _found(
    asked: Required,
    features: Mapping[str, tuple[str, ...]],
    by_name: Mapping[str, list[InstalledGem]],
) -> Iterator[str]:
    """Yield the places of what a line of code asks for."""
    yield from features.get(asked.name, ())
    for gem in by_name.get(asked.name, ()):
        yield from gem.places
    if asked.is_start and asked.name:
        for name, places in features.items():
            if name.startswith(asked.name) and folder_of(asked.name) == folder_of(name):
                yield from places


def _asked(
    source: str, names: Iterable[str], by_name: Mapping[str, list[InstalledGem]], file: str
) -> Iterator[Reference]:
    for name in names:
        for gem in by_name.get(name, ()):
            for place in gem.places:
                yield Reference(source, name, place, True, "dependencies", file)
