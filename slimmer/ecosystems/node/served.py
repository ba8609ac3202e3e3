"""What the user's own code serves of packages: folders of node_modules that it lists by name.

A program that gives parts of packages to browsers, or reads them as data, has their names as
strings beside a path into node_modules; any file of such a package may be asked for.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.node.resolver import Resolver
from slimmer.ecosystems.node.sources import ENDINGS, TYPED, home_of
from slimmer.model.rules import Reference, Verdict
from slimmer.paths import folder_of

_MODULES = b"node_modules"
_READS = (b"static", b"readdir", b"sendFile", b"createReadStream", b"readFile", b"opendir")
_TEXT = re.compile(
    rb"""(?P<q>["'`])(?:\.{0,2}/)?(?:node_modules/)?(@?[\w.-]{1,214}(?:/[\w.-]{1,214})?)"""
)
_ASKS = re.compile(rb"(?:\brequire\s?\(\s?|\bfrom\s{0,9}|\bimport[\s(]{0,9})$")
_MAX_SOURCE_BYTES = 1_000_000


class ServedPackages:
    """Knows the packages that the user's own code names beside what reads files."""

    def __init__(self, context: Context, resolver: Resolver) -> None:
        self._context = context
        self._resolver = resolver
        self._named: dict[str, tuple[str, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield each such package of which the rules would drop anything."""
        for path in self._context.mentions.own(*ENDINGS, *TYPED):
            if verdicts[path].kept:
                for home in self._homes(path):
                    members = tuple(_gone(self._context, home, verdicts))
                    if members:
                        yield Reference(path, home, home, True, "reads", members=members)

    def _homes(self, path: str) -> tuple[str, ...]:
        """Return the folders of the packages that a source names as texts."""
        if path not in self._named:
            folder = posixpath.dirname(path)
            homes = (self._resolver.package_folder(folder, name) for name in self._texts(path))
            found = (home for home in homes if home and home_of(home) == home)
            self._named[path] = tuple(dict.fromkeys(found))
        return self._named[path]

    def _texts(self, path: str) -> Iterator[str]:
        entry = self._context.tree.by_path[path]
        source = b"" if entry.size_bytes > _MAX_SOURCE_BYTES else self._context.read(path)
        if _MODULES in source and any(word in source for word in _READS):
            for match in _TEXT.finditer(source):
                if not _ASKS.search(source[max(0, match.start() - 20) : match.start()]):
                    name = match[2].decode("utf-8", "replace")
                    yield name if name.startswith("@") else name.partition("/")[0]


def _gone(context: Context, home: str, verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """Yield what packs drop of a package, and the folders around it; nothing of others in it."""
    inner = f"{home}/node_modules/"
    for path in (folder_of(home), *(entry.path for entry in context.tree.below(home))):
        rule = verdicts[path].rule
        is_packs = rule is not None and rule.component != "user/drop"
        if verdicts[path].dropped and is_packs and not path.startswith(inner):
            yield path
