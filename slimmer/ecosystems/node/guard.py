"""The Node guard: what kept modules require or import against what the rules would drop.

Every name that a kept source asks for is resolved on the tree. Only where that ends at
something dropped are the tokens of the source read, to learn whether it is code, and
whether the code can do without: what another package asks for inside a function or under
``try`` only warns, unless its ``dependencies`` name it. Names that are put together while
the program runs cannot be seen.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.folders import DroppedFolders
from slimmer.ecosystems.native.platforms import NPM_CPUS, npm_platform
from slimmer.ecosystems.node.own_packages import OwnPackages
from slimmer.ecosystems.node.resolver import Resolver
from slimmer.ecosystems.node.served import ServedPackages
from slimmer.ecosystems.node.siblings import SiblingSources
from slimmer.ecosystems.node.sources import (
    ENDINGS,
    TYPED,
    Sources,
    home_of,
    may_run,
)
from slimmer.ecosystems.node.typescript import Runners
from slimmer.ecosystems.unreadable import unreadable
from slimmer.formats import FormatError
from slimmer.formats.javascript.package_json import Package, entries, parse_package
from slimmer.formats.javascript.requires import BY_PLACE, IN_ANY, Asked
from slimmer.formats.javascript.scopes import Place
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind, Tree

_LOADABLE = (".js", ".cjs", ".mjs", ".json", ".node", ".wasm")
_MAX_SHEBANG_BYTES = 255  # BINPRM_BUF_SIZE of Linux, less the newline
_LICENCE = re.compile(r"(?i)(un)?licen[sc]e|copying|notice|copyright")
_README = re.compile(r"(?i)readme(\.md|\.markdown|\.txt)?")
_SPEAKS_OF_LICENCE = re.compile(rb"(?i)licen[sc]e")
_DECLARED, _OPTIONAL = "dependencies", "optionalDependencies"
_PACK, _TYPES, _FALLBACKS = "node/", "node/types", "node/fallbacks"
_TYPED = "node/typescript-sources"

Dropped = Mapping[str, str]  # the paths that rules would drop, and the component of each


class NodeGuard:
    """Knows the packages of one tree; reads the sources that are kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tree = tree = context.tree
        self._read = context.read
        self._packages: dict[str, Package | None] = {}
        self._broken: dict[str, str] = {}
        self._resolver = Resolver(tree, self._package)
        self._own = OwnPackages(context, self._package, self._resolver)
        self._served = ServedPackages(context, self._resolver)
        self._runners = Runners(context, self._resolver)
        self._sources = Sources(context.read, self._resolver.resolve)
        ends = [e.path for e in tree.entries if e[0].endswith("node_modules")]
        has_packages = any(posixpath.basename(path) == "node_modules" for path in ends)
        self._has_packages = has_packages
        manifests = [e.path for e in tree.ending_in("package.json")] if has_packages else []
        self._gone = DroppedFolders({})
        self._manifests = [path for path in manifests if posixpath.basename(path) == "package.json"]
        beside = context.deployment.siblings if has_packages else ()
        self._siblings = [SiblingSources(zip_, self._resolver.resolve) for zip_ in beside]

    @cached_property
    def _is_node(self) -> bool:
        """Whether nothing but Node.js runs here, which takes no conditions of others."""
        target = self._context.deployment.target
        return target is not None and target.name.startswith("nodejs")

    @cached_property
    def _paths(self) -> list[str]:
        """The sources that Node may run, by their names or by their first line."""
        if not self._has_packages:
            return []
        named = [e.path for e in self._tree.ending_in(*ENDINGS, *TYPED) if may_run(e.path)]
        plain = [e for e in self._tree.entries if "." not in posixpath.basename(e.path)]
        own = [e.path for e in plain if e.kind is Kind.FILE and not home_of(e.path)]
        return sorted(named + [path for path in own if self._starts_node(path)])

    def _starts_node(self, path: str) -> bool:
        first_line = self._context.binaries.part(path, 0, _MAX_SHEBANG_BYTES).partition(b"\n")[0]
        return first_line.startswith(b"#!") and b"node" in first_line

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what kept packages and sources ask for and the rules would drop, in path order."""
        if not self._has_packages:
            return
        self._gone = DroppedFolders(verdicts)
        looked_up = ((e.path, verdicts.get(e.path)) for e in self._tree.entries)
        dropped = {path: _component(v) for path, v in looked_up if v and v.dropped}
        if not dropped:
            return
        manifests = [path for path in self._manifests if path not in dropped]
        for path in manifests:
            yield from self._of_package(path, dropped, is_whole=_is_whole(path, verdicts[path]))
        kept = [path for path in self._paths if path not in dropped]
        commands = {target for path in manifests for target in self._commands(path)}
        promised = {target for path in manifests for target, _ in self._entry_points(path)}
        promised |= {path for path in kept if _is_rescued(verdicts[path])}
        building = self._sources.only_building(kept, promised)
        for path in kept:
            if path not in building or self._own.is_own(path):
                yield from self._of_source(path, dropped, may_build=False)
            elif path in commands:
                yield from self._of_source(path, dropped, may_build=True)
        for zip_ in self._siblings:
            yield from self._of_sibling(zip_, dropped)
        yield from self._own.references(dropped)
        typed = [path for path, component in dropped.items() if component == _TYPED]
        yield from self._runners.references(typed)
        yield from self._served.references(verdicts)

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the package.json files that could not be understood, and what nothing reaches."""
        yield from unreadable(self._broken, "what it exports is not known")
        yield from self._runners.findings()
        yield from self._own.findings(verdicts) if self._has_packages else ()

    def _package(self, path: str) -> Package | None:
        if path not in self._packages:
            self._packages[path] = None
            entry = self._tree.by_path.get(path)
            if entry is not None and entry.kind is Kind.FILE:
                try:
                    self._packages[path] = parse_package(self._read(path))
                except FormatError as error:
                    self._broken[path] = str(error)
        return self._packages[path]

    def _of_package(self, path: str, dropped: Dropped, *, is_whole: bool) -> Iterator[Reference]:
        """Yield what a package.json promises: its entry points, and what it depends on.

        A package that came back as a whole brings all that it cannot do without.
        """
        package = self._package(path)
        if package is None:
            return
        home = posixpath.dirname(path)
        bins = [] if self._is_node else [t for t in self._commands(path) if t.endswith(TYPED)]
        for target, how in (*self._entry_points(path), *((b, "bin") for b in bins)):
            if target in dropped and target.endswith(_LOADABLE):
                yield from self._asks_for(path, target, dropped, how, certain=True)
            elif dropped.get(target) == _TYPED:
                yield from self._typed(path, dropped, how)
        if home_of(path) == home:
            yield from _licence(self._tree, self._read, home, dropped)
        yield from self._depends(path, package, dropped, is_whole=is_whole)

    def _depends(
        self, path: str, package: Package, dropped: Dropped, *, is_whole: bool
    ) -> Iterator[Reference]:
        home = posixpath.dirname(path)
        names = package.optional | (package.peers if is_whole else frozenset())
        if not self._own.is_own(path):  # what the user declares is told by itself
            names |= package.dependencies
        for name in sorted(names):
            other = self._resolver.package_folder(home, name)
            component = dropped.get(other, _TYPES)
            if component == _TYPES:
                continue
            certain, how = self._own.decides(other, dropped, certain=is_whole), _DECLARED
            if name in package.optional:
                is_ours, how = component.startswith(_PACK), _OPTIONAL
                certain = is_ours and not self._is_spare(home, other, dropped)
            yield Reference(path, name, other, certain, how)

    def _typed(self, path: str, dropped: Dropped, how: str) -> Iterator[Reference]:
        """Yield all TypeScript of a package that gives it to Node: a loader must be there."""
        for entry in self._tree.below(posixpath.dirname(path)):
            if dropped.get(entry.path) == _TYPED:
                yield Reference(path, entry.path, entry.path, True, how)

    def _is_spare(self, home: str, target: str, dropped: Dropped) -> bool:
        """Return whether a package does without a fallback, as its native build is kept."""
        return dropped[target] == _FALLBACKS and self._has_native(home, dropped)

    def _has_native(self, home: str, dropped: Dropped) -> bool:
        """Return whether one of a package's optional ones is kept, and has an addon for Lambda."""
        package = self._package(f"{home}/package.json")
        arches = (self._context.arch,) if self._context.arch else tuple(NPM_CPUS)
        for name in package.optional if package is not None else ():
            other = self._resolver.package_folder(home, name)
            manifest = f"{other}/package.json"
            if not other or self._package(manifest) is None:
                continue
            files = (entry.path for entry in self._tree.below(other))
            has_addon = any(path.endswith(".node") and path not in dropped for path in files)
            if has_addon and npm_platform(self._read(manifest)).accepts(arches):
                return True
        return False

    def _entry_points(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the files that a package.json gives to those who ask for the package."""
        home, package = posixpath.dirname(path), self._package(path)
        if package is None:
            return
        if package.exports is None:
            yield self._resolver.entry(home), "main"
            if package.module and not package.main and not self._is_node:  # Bun's next choice
                module = posixpath.normpath(posixpath.join(home, package.module))
                yield self._resolver.real(module), "module"
            return
        named = entries(package, others=not self._is_node)
        listed = (posixpath.normpath(posixpath.join(home, entry)) for entry in named)
        for target in dict.fromkeys(listed):
            yield self._resolver.real(target), "exports"

    def _commands(self, path: str) -> Iterator[str]:
        """Yield the files that npm puts into node_modules/.bin for a package."""
        home, package = posixpath.dirname(path), self._package(path)
        for command in package.commands if package is not None else ():
            yield self._resolver.real(posixpath.normpath(posixpath.join(home, command)))

    def _of_source(self, path: str, dropped: Dropped, *, may_build: bool) -> Iterator[Reference]:
        for find in self._sources.finds(path):
            for target in find.targets:
                if find.asked.how == IN_ANY or (
                    find.asked.how in BY_PLACE and target not in dropped
                ):
                    yield from self._below(path, target, find.asked, may_build=may_build)
                elif target in dropped:
                    place = self._sources.place(path, find.asked.offset)
                    if place is not None:
                        certain = not may_build and self._is_certain(path, target, place, dropped)
                        certain = self._own.decides(home_of(target), dropped, certain=certain)
                        how = _how(find.asked, place)
                        yield from self._asks_for(path, target, dropped, how, certain=certain)
                        if dropped[target] == _TYPED and certain:
                            manifest = f"{home_of(target)}/package.json"
                            yield from self._typed(manifest, dropped, how)

    def _below(
        self, path: str, target: str, asked: Asked, *, may_build: bool
    ) -> Iterator[Reference]:
        """Yield what lies below a folder that a source names, but for packages."""
        is_package = target.endswith("node_modules") or home_of(target) == target
        if may_build or is_package:
            return
        reference = self._gone.reference(path, target)
        if reference is None or self._sources.place(path, asked.offset) is None:
            return
        inner = f"{target}/node_modules/"
        members = tuple(m for m in reference.members if not m.startswith(inner))
        if members:
            line = self._read(path).count(b"\n", 0, asked.offset) + 1
            yield reference._replace(members=members, line=line)

    def _of_sibling(self, zip_: SiblingSources, dropped: Dropped) -> Iterator[Reference]:
        for path, find in zip_.finds():
            for target in find.targets:
                place = zip_.place(path, find.asked.offset) if target in dropped else None
                if place is not None:
                    certain = not home_of(path) or not (place.in_function or place.caught)
                    how = _how(find.asked, place)
                    yield from self._asks_for(
                        zip_.named(path), target, dropped, how, certain=certain
                    )

    def _is_certain(self, source: str, target: str, place: Place, dropped: Dropped) -> bool:
        """Return whether code cannot do without what it asks for.

        What a package lists for its own development alone is not there for its users, so
        none of its code that they run can need it.
        """
        home, other = home_of(source), home_of(target)
        if other == home or self._own.is_own(source):
            return True
        if dropped[target] == _FALLBACKS:
            return not self._is_spare(home, target, dropped)
        package = self._package(f"{home}/package.json")
        name = other.rpartition("node_modules/")[2]
        if package is not None and name in package.development:
            return False
        if not (place.in_function or place.caught):
            return True
        return package is not None and name in package.dependencies

    def _asks_for(
        self, source: str, target: str, dropped: Dropped, how: str, *, certain: bool
    ) -> Iterator[Reference]:
        """Yield the reference to a file: to its whole package, where all of that is dropped.

        Beside a single file its nearest package.json is needed, which says what kind of
        module it is.
        """
        home = home_of(target)
        if home in dropped:
            yield Reference(source, home.rpartition("node_modules/")[2], home, certain, how)
            return
        yield Reference(source, target, target, certain, how)
        scope = self._resolver.scope(target)
        if scope in dropped and certain:
            yield Reference(target, scope, scope, certain, "package.json")


def _licence(
    tree: Tree, read: Callable[[str], bytes], home: str, dropped: Dropped
) -> Iterator[Reference]:
    """Yield the README of a package that has no licence file, where it speaks of the licence."""
    prefix = home + "/"
    names = [e.path for e in tree.below(home) if "/" not in e.path[len(prefix) :]]
    beside = [path for path in names if path.startswith(prefix)]
    if any(_LICENCE.match(path[len(prefix) :]) for path in beside):
        return
    readmes = [path for path in beside if _README.fullmatch(path[len(prefix) :])]
    for path in readmes:
        is_file = tree.by_path[path].kind is Kind.FILE
        if path in dropped and is_file and _SPEAKS_OF_LICENCE.search(read(path)):
            yield Reference(home, "its licence", path, True, "README")


def _how(asked: Asked, place: Place) -> str:
    where = " in a function" if place.in_function else ""
    return f"{asked.how}{where}" + (" under try" if place.caught else "")


def _is_whole(manifest: str, verdict: Verdict) -> bool:
    """Return whether a package came back as a whole."""
    return (
        _is_rescued(verdict)
        and verdict.rule is not None
        and (verdict.rule.pattern == home_of(manifest) == posixpath.dirname(manifest))
    )


def _is_rescued(verdict: Verdict) -> bool:
    return verdict.rule is not None and verdict.rule.component == "guard/node"


def _component(verdict: Verdict) -> str:
    return verdict.rule.component if verdict.rule is not None else ""
