"""Jars that an uberjar holds already: each of their members lies in a larger jar beside them.

Who has both on the class path misses nothing without the smaller one, and two jars of one
folder mostly are on it both (``lib/*``, and Lambda's own Java runtimes). As no file says so for
certain, it is dropped at the aggressive tier and named at the others. A jar that another file
names stays, and so does one that is signed, extends the class path or is an agent, which
environment variables may name. What frameworks read from META-INF counts as a member, and
what the manifest says of packages, such as their version, must be in the larger one's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.ecosystems.java.packages import META
from slimmer.formats import FormatError
from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.unpack import content
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Action, Rule, Tier, Verdict
from slimmer.model.tree import Entry, Kind
from slimmer.text import printable

SHADED = Rule(
    "shaded/jars",
    Action.DROP,
    "*.jar",
    "A larger jar beside it holds each of its members.",
    "--tier aggressive",
    "Jars that a larger one holds",
)

_MANIFEST = "META-INF/MANIFEST.MF"
_VERSIONS = "META-INF/versions/"
# Files of which each line stands for itself, so that an uberjar may hold them merged.
_LISTS = re.compile(r"META-INF/(?:services/.+|spring\.handlers|spring\.schemas)")
_UNREAD = re.compile(r"META-INF/(?:maven/.*|MANIFEST\.MF|INDEX\.LIST|DEPENDENCIES)")
# What a program may ask of a package (java.util.jar.Attributes.Name, java.lang.Package).
_PACKAGE = re.compile(rb"(?:implementation|specification)-(?:title|vendor|version)")
_AGENT = (b"premain-class", b"agent-class", b"launcher-agent-class")
_LEGAL = re.compile(r"META-INF/(?:.*/)?(?:licen[cs]e|notice|copying|copyright)", re.IGNORECASE)
_SIGNATURE = re.compile(r"META-INF/[^/]+\.(?:SF|RSA|DSA|EC)", re.IGNORECASE)
_MAX_META_BYTES = 1 << 20
_MAX_NAMING_BYTES = 1 << 20  # a script or a file of settings is smaller
_SHOWN = 4


class _Jar(NamedTuple):
    """What a jar holds; ``members`` and ``legal`` by checksum and size, as names may differ.

    ``is_versioned``: Java looks into its META-INF/versions (JEP 238). ``is_bound``: it is
    signed, or an agent (java.lang.instrument, "Manifest Attributes"), so no other stands for it.
    """

    path: str
    members: frozenset[tuple[str, int, int]]
    legal: frozenset[tuple[int, int]]
    lists: Mapping[str, frozenset[bytes]]
    class_path: bytes
    package: frozenset[tuple[bytes, bytes]]
    is_versioned: bool
    is_bound: bool

    def holds(self, other: _Jar) -> bool:
        """Return whether this one has more, and nothing of the other one is missing in it."""
        return (
            other.members < self.members
            and other.legal <= self.legal
            and other.package <= self.package
            and other.is_versioned <= self.is_versioned
            and all(lines <= self.lists.get(n, set()) for n, lines in other.lists.items())
        )


def drop_shaded_jars(request: DropRequest) -> Drops:
    """Return the drops of jars that a larger one holds, and what there is to say of them.

    Jars that cannot be read stay, and are named where they would be repacked. Raises
    what reading raises.
    """
    context, verdicts = request.context, request.verdicts
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for entry in context.tree.ending_in(".jar"):
        if verdicts[entry.path].kept:
            folders[entry.path.rpartition("/")[0]].append(entry.path)
    beside = [path for paths in folders.values() if len(paths) > 1 for path in paths]
    jars = [jar for path in beside if (jar := _read(path, context.read(path)))]
    shaded = {path: by for path, by in _shaded(jars) if not verdicts[path].kept_by_user}
    if shaded:
        kept = (e for e in context.tree.entries if verdicts[e.path].kept)
        named = _named(shaded, context, kept, jars)
        shaded = {path: by for path, by in shaded.items() if path.rpartition("/")[2] not in named}
    if request.tier >= Tier.AGGRESSIVE:
        return Drops(dict.fromkeys(shaded, Verdict(Action.DROP, SHADED)))
    return Drops(findings=tuple(_offers(shaded)))


def _read(path: str, data: bytes) -> _Jar | None:
    try:
        archive = read_zip(data)
        if find_unsafe(archive.members).duplicates:
            return None
        members = [member for member in archive.members if member.kind != "directory"]
        metadata = {m.name: m for m in members if m.name.startswith(META)}
        manifest = b""
        if _MANIFEST in metadata:
            manifest = content(data, metadata[_MANIFEST], _MAX_META_BYTES)
        said = _attributes(manifest)
        is_signed = any(_SIGNATURE.fullmatch(name) for name in metadata)
        return _Jar(
            path,
            frozenset((m.name, m.crc32, m.size_bytes) for m in members if _is_loaded(m.name)),
            frozenset((m.crc32, m.size_bytes) for m in members if _LEGAL.match(m.name)),
            {n: _lines(data, m) for n, m in metadata.items() if _LISTS.fullmatch(n)},
            said.get(b"class-path", b""),
            frozenset(item for item in said.items() if _PACKAGE.fullmatch(item[0])),
            said.get(b"multi-release", b"").lower() == b"true",
            is_signed or any(name in said for name in _AGENT),
        )
    except FormatError:
        return None


def _is_loaded(name: str) -> bool:
    """Return whether a program may read a member: all but words of law, builds and packing."""
    if not name.startswith(META) or name.startswith(_VERSIONS):
        return True
    return not any(of.fullmatch(name) for of in (_LISTS, _UNREAD, _SIGNATURE)) and not (
        _LEGAL.match(name)
    )


def _lines(data: bytes, member: ZipMember) -> frozenset[bytes]:
    """Return the lines of a list, such as the providers of a service (java.util.ServiceLoader)."""
    lines = content(data, member, _MAX_META_BYTES).splitlines()
    return frozenset(line.partition(b"#")[0].strip() for line in lines) - {b""}


def _attributes(manifest: bytes) -> dict[bytes, bytes]:
    """Return what a manifest says of its jar, by names in small letters (JAR File Specification).

    Attributes in sections about single members count as the jar's own.
    """
    whole = re.sub(rb"\r\n?", b"\n", manifest).replace(b"\n ", b"")  # lines go on behind a space
    said: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in whole.split(b"\n"):
        name, _, value = line.partition(b":")
        said[name.lower()].append(value.strip())
    return {name: b" ".join(values) for name, values in said.items()}


def _shaded(jars: Sequence[_Jar]) -> Iterator[tuple[str, str]]:
    """Yield each jar that another one of its folder holds, with the largest that does."""
    having: defaultdict[tuple[str, tuple[str, int, int]], list[_Jar]] = defaultdict(list)
    for jar in jars:
        for member in jar.members:
            having[_folder(jar.path), member].append(jar)
    for jar in jars:
        if not jar.members or jar.is_bound or jar.class_path:
            continue
        probe = min((having[_folder(jar.path), member] for member in jar.members), key=len)
        holders = [other for other in probe if other.holds(jar)]
        if holders:
            yield jar.path, max(holders, key=lambda other: (len(other.members), other.path)).path


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _named(
    shaded: Iterable[str], context: Context, kept: Iterable[Entry], jars: Iterable[_Jar]
) -> set[str]:
    """Return the names of held jars that a kept script, setting, manifest or link speaks of."""
    names = {path.rpartition("/")[2].encode("utf-8", "surrogateescape") for path in shaded}
    pattern = re.compile(b"|".join(re.escape(name) for name in sorted(names, key=len)[::-1]))
    found = {name for jar in jars for name in pattern.findall(jar.class_path)}
    for entry in kept:
        if entry.kind is Kind.LINK:
            found.update(pattern.findall(entry.target.encode("utf-8", "surrogateescape")))
        elif _may_name(entry):
            found.update(pattern.findall(context.read(entry.path)))
    return {name.decode("utf-8", "surrogateescape") for name in found}


def _may_name(entry: Entry) -> bool:
    """Return whether a file may say which jars are loaded: a script, settings, a CDS archive."""
    if entry.kind is not Kind.FILE or entry.path.endswith((".jar", ".class")):
        return False
    return entry.size_bytes <= _MAX_NAMING_BYTES or entry.path.endswith(".jsa")


def _offers(shaded: Mapping[str, str]) -> Iterator[Finding]:
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for path, by in shaded.items():
        holders[by].append(printable(path))
    for by, paths in sorted(holders.items()):
        more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
        yield finding(
            "shaded-jars",
            f"{printable(by)} holds all of {', '.join(paths[:_SHOWN])}{more}; --tier aggressive "
            "drops what it holds, as --drop does by name",
        )
