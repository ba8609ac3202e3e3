"""Who uses which npm package: by what it depends on, and by what sources name.

A package depends on what its package.json lists: dependencies, those of them that are optional,
and peers that are not. Beyond that its sources ask for what they require and it never lists. The
user's own files use every package and file whose name is in a string, since names can be put
together; what their package.json lists is no use by itself, but for a peer that may be missing.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.node.resolver import is_builtin
from slimmer.ecosystems.node.sources import home_of
from slimmer.ecosystems.node.variants import find_variants
from slimmer.formats import FormatError
from slimmer.formats.javascript.manifest import parse_manifest
from slimmer.formats.javascript.requires import asked
from slimmer.formats.javascript.scopes import places
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry
from slimmer.model.uses import Use, Uses, own_part
from slimmer.paths import name_of

_KIND = "node/"
_SOURCES = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx")
_QUOTED = re.compile(rb"[\"'`]([@\w./-]{1,214})[\"'`]")  # 214: npm's longest name
_WORD = re.compile(rb"[@\w./-]{1,214}")
_PACKAGE = re.compile(r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/@.][^/]*)/package\.json")
_LISTS = ("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock")
_MAX_TEXT_BYTES = 1_000_000
_BINARY = b"\0"
#: What generators write into node_modules, such as Prisma's client: no package brought it.
_GENERATED = "node/package-manager"

Manifest = Mapping[str, Any]


class _Source(NamedTuple):
    """A file and the part that it is of; ``name`` is the file as the user is told."""

    name: str
    path: str
    part: str
    read: Callable[[], bytes]
    #: Whether a package of any kind brought it, or a generator.
    is_installed: bool


def find_uses(request: UsesRequest) -> Uses:
    """Return which packages of a tree, and own files, use which others."""
    units = dict(_units(request))
    if not units:
        return Uses()
    uses = {use for unit, manifest in units.items() for use in _listed(unit, manifest, units)}
    own, declared = _own_names(request), _declared(request)
    variants = find_variants(request)
    for source in _sources(request):
        if source.part in units:
            uses |= {*_unlisted(source, units), *_chosen(source, units, declared)}
        elif source.is_installed:
            uses |= set(_required(source, units))
        else:
            uses |= set(_named(source, units, own))
        for each in variants:
            uses |= set(each.asked(source.name, source.part, source.read()))
    uses |= {use for each in variants for use in each.always()}
    return Uses(
        frozenset(units).union(*(each.units for each in variants)),
        tuple(uses),
        frozenset({_GENERATED}).union(*(each.roots for each in variants)),
        {path: part for each in variants for path, part in each.finer.items()},
        tuple(note for each in variants for note in each.notes()),
    )


def _units(request: UsesRequest) -> Iterator[tuple[str, Manifest]]:
    """Yield the packages that came from a registry, each with what its copies list."""
    found: dict[str, dict[str, Any]] = {}
    for entry in request.kept("package.json"):
        package = _PACKAGE.fullmatch(entry.path)
        unit = f"{_KIND}{package[1]}" if package else ""
        if unit and request.owners[entry.path] == unit:
            said = _json(request.context.read(entry.path))
            known = found.setdefault(unit, {})
            for field in (*_FIELDS, _META, "devDependencies"):
                if isinstance(said.get(field), dict):
                    known[field] = {**known.get(field, {}), **said[field]}
            known[_PROGRAMS] = known.get(_PROGRAMS) or said.get(_PROGRAMS)
    yield from found.items()


_FIELDS = ("dependencies", "optionalDependencies", "peerDependencies")
_META = "peerDependenciesMeta"
_PROGRAMS = "bin"


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(unit: str, manifest: Manifest, units: Mapping[str, Manifest]) -> Iterator[Use]:
    """Yield what a package depends on."""
    for field in _FIELDS:
        for name in manifest.get(field, ()):
            other = f"{_KIND}{name}"
            if other in units and not (field == _FIELDS[2] and _may_lack(manifest, name)):
                yield Use(unit, other, field)


def _may_lack(manifest: Manifest, peer: str) -> bool:
    meta = manifest.get(_META, {}).get(peer)
    return isinstance(meta, dict) and meta.get("optional") is True


def _sources(request: UsesRequest) -> Iterator[_Source]:
    """Yield the sources of packages, all texts of the user's own, and all of zips beside."""
    for entry in request.kept(*_SOURCES):
        if request.owners[entry.path] != OWN:
            read = partial(request.context.read, entry.path)
            yield _Source(entry.path, entry.path, request.part(entry.path), read, is_installed=True)
    for file in request.own_files():
        path = file.entry.path
        is_beside = file.name != path
        is_text = _may_name(file.entry) and not (is_beside and home_of(path))
        if is_text or path.endswith(_SOURCES):
            yield _Source(file.name, path, file.part, file.read, is_installed=False)


def _may_name(entry: Entry) -> bool:
    return entry.size_bytes <= _MAX_TEXT_BYTES and name_of(entry.path) not in _LISTS[1:]


def _own_names(request: UsesRequest) -> dict[str, set[str]]:
    """Return the user's own sources by the last part of what names them."""
    found: dict[str, set[str]] = {}
    for entry in request.kept(*_SOURCES, ".json"):
        if request.owners[entry.path] == OWN:
            stem = name_of(entry.path).partition(".")[0]
            folder = name_of(posixpath.dirname(entry.path))
            home = name_of(home_of(entry.path))
            for name in {stem, name_of(entry.path), home} | (
                {folder} if stem == "index" else set()
            ):
                found.setdefault(name, set()).add(own_part(entry.path))
    return found


def _named(
    source: _Source, units: Mapping[str, Manifest], own: Mapping[str, set[str]]
) -> Iterator[Use]:
    """Yield what a file of the user's own, or one beside, names."""
    data = source.read()
    if name_of(source.path) == _LISTS[0]:  # what it lists is not what runs
        scripts = _json(data).get("scripts")
        data = json.dumps(scripts).encode()
    if source.path.endswith(_SOURCES):
        found = {match[1] for match in _QUOTED.finditer(data)}
    elif _BINARY not in data:
        found = set(_WORD.findall(data))
    else:
        return
    for text in found:
        words = text.decode()
        unit = _unit(words)
        if unit in units:
            yield Use(source.part, unit, source.name)
        if ".bin/" in words and f"{_KIND}{name_of(words)}" in units:
            yield Use(source.part, f"{_KIND}{name_of(words)}", source.name)
        last = name_of(words.rstrip("/"))
        for part in own.get(last, set()) | own.get(last.partition(".")[0], set()):
            yield Use(source.part, part, source.name)


def _unit(specifier: str) -> str:
    """Return the package that a specifier names: ``@scope/name/file`` is of ``@scope/name``."""
    parts = specifier.rpartition("node_modules/")[2].split("/")
    return _KIND + "/".join(parts[: 2 if specifier.startswith("@") else 1])


def _declared(request: UsesRequest) -> frozenset[str] | None:
    """Return what the user's own package.json files list to run; None where there are none."""
    files = (f for f in request.own_files() if name_of(f.entry.path) == _LISTS[0])
    found = [parse_manifest(f.read()).declared for f in files if not home_of(f.entry.path)]
    return frozenset().union(*found) if found else None


def _chosen(
    source: _Source, units: Mapping[str, Manifest], declared: frozenset[str] | None
) -> Iterator[Use]:
    """Yield the peers that a package's source names, that may be missing, and that people chose.

    npm installs none of them unasked: a driver is there since the user's own package.json lists
    it. What has a program, such as a command line, may be there for that alone.
    """
    manifest = units[source.part]
    peers = [n for n in manifest.get(_META, ()) if _may_lack(manifest, n)]
    peers = [n for n in peers if declared is None or n in declared]
    chosen = [n for n in peers if f"{_KIND}{n}" in units and not units[_KIND + n].get(_PROGRAMS)]
    if chosen:
        quoted = {_unit(match[1].decode()) for match in _QUOTED.finditer(source.read())}
        yield from (Use(source.part, _KIND + n, source.name) for n in chosen if _KIND + n in quoted)


def _required(source: _Source, units: Mapping[str, Manifest]) -> Iterator[Use]:
    """Yield the packages that a source requires, of a generator or in another kind of package."""
    for each in asked(source.read()):
        if _unit(each.specifier) in units and not is_builtin(each.specifier):
            yield Use(source.part, _unit(each.specifier), source.name)


def _unlisted(source: _Source, units: Mapping[str, Manifest]) -> Iterator[Use]:
    """Yield the packages that a package's source cannot do without, and it never lists.

    A peer that may be missing counts as not listed; what only its development needs is none.
    """
    manifest, data = units[source.part], source.read()
    listed = {name for field in (*_FIELDS, "devDependencies") for name in manifest.get(field, ())}
    listed = {name for name in listed if not _may_lack(manifest, name)}
    quoted = {_unit(match[1].decode()) for match in _QUOTED.finditer(data)}
    quoted = {u for u in quoted if u in units and u.removeprefix(_KIND) not in listed}
    quoted.discard(source.part)
    if not quoted:
        return
    finds = [find for find in asked(data) if _unit(find.specifier) in quoted]
    try:
        where = places(data, [find.offset for find in finds])
    except FormatError:
        where = {}
    for find in finds:
        place = where.get(find.offset)
        if not where or (place is not None and not place.caught):
            yield Use(source.part, _unit(find.specifier), source.name)
