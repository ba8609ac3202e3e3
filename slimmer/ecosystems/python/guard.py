"""The Python guard: what kept modules ask for against what the rules would drop.

A source is read closely only where a cheap look finds the names of something dropped, so the
guard costs little more than reading the sources. What an extension module imports, and what is
imported by a name that is put together at run time, cannot be seen; packs drop no module that
only such an import could want.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.python.asked import ImportsOf
from slimmer.ecosystems.python.companions import Records
from slimmer.ecosystems.python.distributions import PRIVATE, SCRIPTS, Distributions
from slimmer.ecosystems.python.folders import NamedFolders
from slimmer.ecosystems.python.modules import (
    TESTS,
    Gone,
    below,
    is_package,
    last_part,
    loaded_module,
    module_of,
    modules_of,
)
from slimmer.ecosystems.python.own_distributions import OwnDistributions
from slimmer.ecosystems.python.prescan import ANYWHERE, Names, Prescan, word_of
from slimmer.ecosystems.python.siblings import SiblingSources
from slimmer.formats.python.statements import READERS, STUB, Import
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Reference, Verdict
from slimmer.text import printable

_MODULES = (".py", ".so", ".pyd", ".pyc")
_LAYER_ROOTS = ("", "python")
_RUNNERS = TESTS | {"testing", "_testing", "runtests", "conftest"}
_LAZY = b"attach_stub"


class PythonGuard:
    """Knows the modules of one tree; reads the sources that are kept."""

    def __init__(self, context: Context) -> None:
        self._tree = tree = context.tree
        self._modules = modules_of(tree.ending_in(*_MODULES))
        self._sources = tree.ending_in(".py", ".pyi")
        self._dists = Distributions(tree, context.read)
        self._own = OwnDistributions(context, self._dists)
        self._roots = tuple(dict.fromkeys((*_LAYER_ROOTS, *self._dists.holders)))
        self._owners = {root: self._owner(root) for root in self._dists.holders}
        modules = [entry for entry in self._sources if entry.path.endswith(".py")]
        self._folders = NamedFolders(modules, context.read, self._roots, context.readings)
        self._prescan = Prescan(self._folders.read, (_LAZY, *READERS), context.readings)
        self._imports = ImportsOf(context.read, context.readings)
        self._siblings = [
            SiblingSources(zip_, Prescan(zip_.read, READERS), self._imports.within)
            for zip_ in context.deployment.siblings
        ]
        self._records = Records(tree, context.read)
        self._lazy = set[str]()  # the stubs that lazy_loader reads at run time

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield what kept sources, and those of zips beside, ask for; guests come last."""
        yield from self._records.references(verdicts)
        gone = Gone(self._modules, verdicts)
        unplugged = list(self._plugins(gone))
        yield from unplugged
        names = self._names(gone, bool(unplugged))
        guests = self._guests(gone)
        for path in guests:
            self._name(module_of(path), names)
        self._prescan.look_for(names)
        plugged = self._plugged(gone)
        called = set[str]()
        for entry in self._sources if names else ():
            path = entry.path
            if gone.drops(path) or (path.endswith(".pyi") and path not in self._lazy):
                continue
            if path not in guests and self._prescan.may_ask(entry):
                for asked in self._imports.of(path):
                    called.update(self._reached(path, asked) if guests else ())
                    if asked.top != PRIVATE or self._top(path) not in plugged:
                        yield from self._wanted(path, asked, gone)
        yield from self._of_siblings(names, gone)
        for path, hosts in guests.items():
            for asked in self._imports.of(path):
                if module_of(path) in called or asked.top not in hosts:
                    yield from self._wanted(path, asked, gone)
        yield from self._folders.references(verdicts)
        yield from self._own.references(verdicts)

    def _of_siblings(self, names: Names, gone: Gone) -> Iterator[Reference]:
        for zip_ in self._siblings if names else ():
            for name, asked in zip_.asked(names):
                yield from self._wanted(name, asked, gone)

    def on_failure(self, used: Iterable[str], verdicts: Mapping[str, Verdict]) -> Iterator[str]:
        """Yield the dropped files that used modules load where something goes wrong.

        With each go those that it loads itself.
        """
        gone = Gone(self._modules, verdicts)
        modules = {loaded_module(path) for path in used}
        waiting = [
            (entry.path, True)
            for entry in self._sources
            if entry.path.endswith(".py") and module_of(entry.path) in modules
        ]
        seen = {path for path, _ in waiting}
        while waiting:
            path, is_used = waiting.pop()
            for asked in self._imports.of(path):
                wanted = asked.failing if is_used else not asked.deferred
                if wanted and asked.how.startswith("import"):
                    for reference in self._wanted(path, asked, gone):
                        if reference.path not in seen:
                            seen.add(reference.path)
                            waiting.append((reference.path, False))
                            yield reference.path

    def findings(self, verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the sources that were not read, and the declared things that nothing reaches."""
        yield from self._own.findings(verdicts)
        for path, reason in sorted(self._imports.broken.items()):
            yield finding(
                "unreadable-source",
                f"{printable(path)} may import what is dropped, and is not read "
                f"({reason}); keep what it imports with --keep",
            )

    def _names(self, gone: Gone, unplugged: bool) -> dict[bytes, set[bytes]]:
        """Return the words without which no source asks for anything that is dropped.

        With each word go the names of folders of which one must be told, too. The folders
        that a source lies in are told by its path.
        """
        names: dict[bytes, set[bytes]] = {}
        for module in gone.modules:
            if posixpath.dirname(posixpath.dirname(module)) not in gone.modules:
                names.setdefault(word_of(last_part(module)), set()).add(
                    self._outer_folder(module, gone)
                )
        if unplugged or any(map(gone.drops, self._dists.files)):
            names |= {word: {ANYWHERE} for word in READERS}
        if names or any(gone.drops(e.path) for e in self._sources if e.path.endswith(".pyi")):
            names[_LAZY] = {ANYWHERE}
        return names

    def _name(self, module: str, names: dict[bytes, set[bytes]]) -> None:
        """Add the words without which no source imports a module that is kept."""
        folder = posixpath.dirname(module)
        context = ANYWHERE if folder in self._roots else word_of(last_part(folder))
        names.setdefault(word_of(last_part(module)), set()).add(context)

    def _guests(self, gone: Gone) -> dict[str, tuple[str, ...]]:
        """Return the kept sources that a dropped program alone loads, each with its hosts.

        A plugin of pytest imports pytest, which has loaded it. That is no reason to keep
        pytest, unless something else that is kept imports the plugin.
        """
        return {
            entry.path: hosts
            for module, hosts in (self._dists.guests() if gone.modules else ())
            for root in self._roots
            if any(below(root, host, "")[0] in gone.modules for host in hosts)
            for entry in self._modules.get(below(root, module, "")[-1], ())
            if entry.path.endswith(".py") and not gone.drops(entry.path)
        }

    def _plugged(self, gone: Gone) -> set[str]:
        """Return the packages that import pytest's private modules for their plugin of it only."""
        missing = [r for r in self._roots if below(r, PRIVATE, "")[0] in gone.modules]
        tops = self._dists.plugged() if missing else ()
        return {below(root, top, "")[0] for top in tops for root in missing}

    def _reached(self, path: str, asked: Import) -> Iterator[str]:
        """Yield the places at which the modules that an import loads could lie."""
        if asked.kind == "module":
            for root in self._starts(path, asked):
                yield from below(root, asked.module, asked.name)

    def _outer_folder(self, module: str, gone: Gone) -> bytes:
        """Return the name of a folder around a module without which nothing outside imports it.

        That holds for each folder up to where imports begin; the outermost that is dropped
        is the one of which the fewest tell.
        """
        folder = posixpath.dirname(module)
        if folder in self._roots:
            return ANYWHERE
        while (above := posixpath.dirname(folder)) not in self._roots and gone.drops(above):
            folder = above
        return word_of(last_part(folder))

    def _wanted(self, path: str, asked: Import, gone: Gone) -> Iterator[Reference]:
        """Yield a reference to each dropped thing that one import or call would load."""
        if asked.name == STUB:
            self._lazy.add(path + "i")
            targets: Iterable[str] = (path + "i",)
        elif asked.kind == "metadata":
            targets = self._dists.metadata(asked.module or last_part(self._top(path)))
        elif asked.kind == "group":
            points = [p for p in self._dists.points() if p.group == asked.module]
            targets = [target for p in points for target in (p.path, p.metadata)]
            for point in points:
                loads = asked._replace(module=point.module)
                yield from self._loads(path, loads, self._roots, gone)
        else:
            yield from self._loads(path, asked, self._starts(path, asked), gone)
            return
        for target in targets:
            if gone.drops(target) and not self._is_first_elsewhere(target, gone):
                certain = self._is_certain(path, asked, target, gone)
                yield Reference(path, target, target, certain, asked.how)

    def _is_first_elsewhere(self, metadata: str, gone: Gone) -> bool:
        """Return whether Lambda's Python finds a distribution at its root, and so not in a copy."""
        others = (path for path in self._dists.others(metadata) if not gone.drops(path))
        return any(posixpath.dirname(posixpath.dirname(path)) in _LAYER_ROOTS for path in others)

    def _plugins(self, gone: Gone) -> Iterator[Reference]:
        """Yield what kept entry points name for other programs, and is dropped."""
        for point in self._dists.points() if gone.modules else ():
            if point.group not in SCRIPTS and not gone.drops(point.path):
                named = Import(0, point.module, "", False, "entry point")
                yield from self._loads(point.path, named, self._roots, gone)

    def _loads(
        self, path: str, asked: Import, roots: Iterable[str], gone: Gone
    ) -> Iterator[Reference]:
        """Yield the dropped modules that an import loads, outermost first.

        The first root that has a module or a regular package of the name wins. A namespace
        package has parts in each, and of what lies in it the first one wins again.
        """
        for root in roots:
            loaded = below(root, asked.module, asked.name)
            for module in loaded:
                for entry in gone.modules.get(module, ()):
                    if module != root or is_package(entry, module):
                        target = gone.whole(module, entry)
                        certain = self._is_certain(path, asked, target, gone)
                        if certain or not self._is_test_run(path, asked, target):
                            yield Reference(path, module, target, certain, asked.how)
            if any(module in self._modules for module in loaded):
                return

    def _is_certain(self, path: str, asked: Import, target: str, gone: Gone) -> bool:
        """Return whether code cannot do without what it asks for."""
        by_user = gone.by_user(target)
        return self._own.decides(path, target, certain=asked.certain, by_user=by_user)

    def _is_test_run(self, path: str, asked: Import, target: str) -> bool:
        """Return whether a package only starts its own tests by what it asks for.

        A test asks for it, or what runs them; nothing that a function needs does.
        """
        if TESTS.isdisjoint(target.split("/")) or self._top(path) != self._top(target):
            return False
        return asked.how.endswith("in a test") or not _RUNNERS.isdisjoint(
            module_of(path).split("/")
        )

    def _starts(self, path: str, asked: Import) -> tuple[str, ...]:
        """Return the folders in which an import of a file begins."""
        folder = posixpath.dirname(path)
        if asked.level:
            for _ in range(min(asked.level - 1, path.count("/"))):
                folder = posixpath.dirname(folder)
            return (folder,)
        reachable = (r for r in self._roots if path.startswith(self._owners.get(r, "")))
        return (posixpath.dirname(self._top(path)), *reachable)

    def _owner(self, root: str) -> str:
        """Return the outermost regular package around a folder of distributions, with a slash.

        What a package brings along for itself is found by its own code alone. "" for a
        folder that is in no package.
        """
        parts = root.split("/")
        for count in range(1, len(parts)):
            folder = "/".join(parts[:count])
            if any(is_package(entry, folder) for entry in self._modules.get(folder, ())):
                return folder + "/"
        return ""

    def _top(self, path: str) -> str:
        """Return the outermost regular package around a file, or its module."""
        top, folder = module_of(path), posixpath.dirname(path)
        while folder and folder in self._modules:
            top, folder = folder, posixpath.dirname(folder)
        return top


def find_silent(
    context: Context, used: Iterable[str], verdicts: Mapping[str, Verdict]
) -> Iterator[str]:
    """Yield the dropped files that used modules load where something goes wrong."""
    return PythonGuard(context).on_failure(used, verdicts)
