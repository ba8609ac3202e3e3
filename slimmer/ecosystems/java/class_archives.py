"""The guard of Java's own archives of shared classes: what a flag asks for comes back.

A JVM maps one of the archives in ``lib/server``, and starts without any where that one is missing,
only slower. ``classes.jsa`` is for compressed pointers, which a heap below 32 GB has, and for the
headers of objects that are the default. Source: HotSpot's ``cdsConfig.cpp`` and
``make/Images.gmk`` of JDK 13 to 26.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial

from slimmer.ecosystems.context import Context
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.paths import folder_of, join, name_of

_COMPONENT = "jvm/other-cds"
_MAX_TEXT_BYTES = 1_000_000
_HEAD_BYTES = 4_096  # a text has no zero byte in them
_SETTINGS = "jvm.cfg"
_LARGE_BYTES = 31 << 30  # of a heap; from about 32 GB on its pointers cannot be compressed
_UNITS = {b"k": 1 << 10, b"m": 1 << 20, b"g": 1 << 30, b"t": 1 << 40}
_NEWEST_KNOWN = 26  # the newest Java whose defaults are known
_VERSION = re.compile(rb'^JAVA_VERSION="(\d{1,9})', re.MULTILINE)
_FLAGS = re.compile(
    rb"(?P<pointers>\+UseZGC\b|-UseCompressed(?:Oops|ClassPointers)\b)"
    rb"|(?P<headers>\+UseCompactObjectHeaders\b)"
    rb"|(?:-Xmx|MaxHeapSize=|MaxRAM=)(?P<heap>\d{1,18})(?P<unit>[kKmMgGtT]?)"
)
_POINTERS, _HEADERS = "nocoops", "coh"

Asked = Mapping[str, Reference]  # of each kind of archive, the first flag that asks for it


class ClassArchivesGuard:
    """Knows the flags for a JVM that stand in one tree, in zips beside it or in an image's Env."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield the archives that a pack dropped and that a flag asks for."""
        for path, verdict in verdicts.items():
            if verdict.dropped and verdict.rule and verdict.rule.component == _COMPONENT:
                if newer := self._newer(path):
                    yield newer
                    continue
                kinds = name_of(path).removesuffix(".jsa").split("_")[1:]
                asked = [self._asked.get(kind) for kind in kinds]
                if asked[0] and all(each and _is_kept(each, verdicts) for each in asked):
                    yield asked[0]._replace(path=path, members=(path,))

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield nothing: what is asked for comes back."""
        yield from ()

    def _newer(self, path: str) -> Reference | None:
        """Return what keeps the archive of a Java whose defaults are not known."""
        release = join(folder_of(folder_of(folder_of(path))), "release")
        text = self._context.read(release) if release in self._context.tree.by_path else b""
        version = _VERSION.search(text)
        if version and int(version[1]) <= _NEWEST_KNOWN:
            return None
        return Reference(release, "this version's own archives", path, True, members=(path,))

    @cached_property
    def _asked(self) -> Asked:
        """The kinds of archives that flags ask for, each with the first that does."""
        found: dict[str, Reference] = {}
        for name, read in self._texts():
            text = read()
            if b"\0" not in text[:_HEAD_BYTES]:
                for kind, flag in _flags(text):
                    found.setdefault(kind, Reference(name, flag, "", True))
        return found

    def _texts(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield what may hold flags: an image's start, the user's own files, those of zips."""
        context = self._context
        if started := context.started:
            said = "\n".join((*started.environment, *started.command))
            yield "the image's start", partial(said.encode, "utf-8", "surrogateescape")
        for entry in context.tree.entries:
            is_own = context.owners.get(entry.path, OWN) == OWN or name_of(entry.path) == _SETTINGS
            if is_own and entry.kind is Kind.FILE and entry.size_bytes <= _MAX_TEXT_BYTES:
                yield entry.path, partial(context.read, entry.path)
        for zip_ in context.deployment.siblings:
            for entry in zip_.tree.entries:
                if entry.kind is Kind.FILE and entry.size_bytes <= _MAX_TEXT_BYTES:
                    yield f"{zip_.name}: {entry.path}", partial(zip_.read, entry.path)


def _flags(text: bytes) -> Iterator[tuple[str, str]]:
    """Yield the kinds of archives that the flags in a text ask for, each with the flag."""
    for match in _FLAGS.finditer(text):
        flag = match[0].decode("ascii")
        if match["pointers"]:
            yield _POINTERS, flag
        elif match["headers"]:
            yield _HEADERS, flag
        elif int(match["heap"]) * _UNITS.get(match["unit"].lower(), 1) >= _LARGE_BYTES:
            yield _POINTERS, flag


def _is_kept(asked: Reference, verdicts: Mapping[str, Verdict]) -> bool:
    """Return whether what says a flag ships, where it is of the tree."""
    return asked.source not in verdicts or verdicts[asked.source].kept
