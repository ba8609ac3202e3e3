"""The beam guard: which functions of dropped modules kept modules call.

Import tables say what a module calls by name; whether it ever does so cannot be seen. An
application of OTP's or Elixir's own says in its .app file what it cannot do without, and its
modules call much that functions never use: those calls only warn, once for each application.
What a project's own files name is kept, by a call or otherwise: modules, of an application or of
none, scripts and settings. A module comes with all that a rule took out of its application.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.erlang import named
from slimmer.ecosystems.erlang.folders import ApplicationFolders
from slimmer.ecosystems.erlang.named import (
    BEAM,
    SCRIPTS,
    TEXTS,
    Gone,
    Module,
    Names,
    application_of,
)
from slimmer.ecosystems.erlang.ownership import ELIXIR, OF_OTP
from slimmer.ecosystems.unreadable import unreadable
from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import Call, imports
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.text import printable

_MODULE = re.compile(r"(?:(.+)/)?ebin/([^/]+)\.beam")
_EMULATOR = "erts"  # its modules are inside the emulator, whatever lies in lib/


class _Caller(NamedTuple):
    """A file that names modules: what reports call it and its application, and how to read it.

    It is a ``project``'s where neither OTP nor Elixir brought it.
    """

    name: str
    application: str
    home: str
    project: bool
    read: Callable[[], bytes]


class BeamGuard:
    """Knows the modules of one tree and of the zips beside it; reads those that are kept."""

    def __init__(self, context: Context) -> None:
        self._known: dict[str, tuple[Call, ...]] = {}
        self._broken: dict[str, str] = {}
        self._names: dict[str, Names] = {}
        self._modules: dict[str, list[Module]] = {}
        self._callers: dict[str, _Caller] = {}
        tree = context.tree
        files = [e.path for e in tree.ending_in(BEAM, *SCRIPTS) if e.kind is Kind.FILE]
        texts = TEXTS if any(path.endswith(BEAM) for path in files) else ()
        files += context.mentions.own(*texts) if texts else ()
        apps = [e.path for e in tree.ending_in(".app") if e.kind is Kind.FILE]
        homes = _of_otp(apps, context.read)
        for path in files:
            found = _MODULE.fullmatch(path)
            if found and application_of(found[1] or "") == _EMULATOR:
                continue
            if found:
                self._modules.setdefault(found[2], []).append(Module(path, found[1] or ""))
            self._callers[path] = _caller(path, homes, path, partial(context.read, path))
        self._folders = ApplicationFolders(tree.ending_in(".app"), context.read)
        self._siblings: list[_Caller] = []
        for zip_ in context.deployment.siblings:
            placed = [path for path, what in zip_.placed.items() if what]
            homes = _of_otp([path for path in placed if path.endswith(".app")], zip_.read)
            for path in sorted(p for p in placed if p.endswith((BEAM, *SCRIPTS, *TEXTS))):
                name, read = f"{zip_.name}: {path}", partial(zip_.read, path)
                self._siblings.append(_caller(path, homes, name, read))

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield who names what is dropped: modules, and folders of applications.

        Each of a project's files counts, and of OTP's modules one call for each application.
        """
        yield from self._folders.references(verdicts, self._calls_of)
        yield from self._to_modules(verdicts)

    def _to_modules(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        gone = Gone(self._modules, verdicts)
        if not gone.modules:
            return
        kept = [caller for path, caller in self._callers.items() if verdicts[path].kept]
        calls: dict[str, list[tuple[_Caller, Call]]] = {}
        for caller in (*kept, *self._siblings):
            if caller.project:
                yield from self._of_project(caller, gone)
                continue
            for call in self._calls(caller):
                module = gone.modules.get(call.module)
                if module and (module.home != caller.home or gone.by_user(module.path)):
                    calls.setdefault(module.home, []).append((caller, call))
        for home, those in sorted(calls.items()):
            yield from self._of_application(home, those, gone)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the modules of zips beside that cannot be understood.

        Those of the tree are named where they are stripped.
        """
        yield from unreadable(self._broken, "what it calls is not known")

    def _of_project(self, caller: _Caller, gone: Gone) -> Iterator[Reference]:
        """Yield the applications that a project's file names, and the parts of others."""
        names = self._named(caller)
        if caller.name in self._broken:  # it may call anything
            names = Names(set(gone.modules))
        for name, home, path in gone.meant(names):
            if home == caller.home and not gone.by_user(path):
                continue
            how = f"names {name}"
            if gone.is_whole(home):
                yield Reference(caller.name, application_of(home), home, True, how)
            elif gone.by_user(path):
                yield Reference(caller.name, name, path, True, how)
            else:
                yield Reference(caller.name, name, home, True, how, members=gone.part(home))

    def _named(self, caller: _Caller) -> Names:
        if caller.name not in self._names:
            is_module = caller.name.endswith(BEAM)
            calls = self._calls(caller) if is_module else ()
            found = (
                named.of_module(caller.read(), calls)
                if is_module
                else named.of_text(caller.name, caller.read())
            )
            self._names[caller.name] = found
        return self._names[caller.name]

    def _of_application(
        self, home: str, calls: list[tuple[_Caller, Call]], gone: Gone
    ) -> Iterator[Reference]:
        name = application_of(home)
        if gone.is_whole(home):
            needs, path = name, home
        else:  # the application stays, but not all of it
            modules = sorted({call.module for _, call in calls})
            more = f" and {len(modules) - 1} more" if len(modules) > 1 else ""
            needs, path = f"part of {name} ({modules[0]}{more})", gone.modules[modules[0]].path
        counts = Counter(caller.application for caller, _ in calls)
        often = max(sorted(counts), key=lambda application: counts[application])
        caller, call = next(each for each in calls if each[0].application == often)
        for application in sorted(counts):
            how = f"{printable(caller.name)} calls {call}" if application == often else ""
            yield Reference(application, needs, path, False, how)

    def _calls_of(self, path: str) -> tuple[Call, ...]:
        return self._calls(self._callers[path]) if path in self._callers else ()

    def _calls(self, caller: _Caller) -> tuple[Call, ...]:
        if caller.name not in self._known:
            try:
                self._known[caller.name] = imports(caller.read())
            except FormatError as error:
                self._known[caller.name] = ()
                if caller in self._siblings:
                    self._broken[caller.name] = str(error)
        return self._known[caller.name]


def _of_otp(apps: Iterable[str], read: Callable[[str], bytes]) -> set[str]:
    """Return the folders of those .app files that OTP's and Elixir's installers wrote."""
    return {
        posixpath.dirname(path)
        for path in apps
        if posixpath.basename(path).removesuffix(".app") in ELIXIR or OF_OTP.encode() in read(path)
    }


def _caller(path: str, homes: set[str], name: str, read: Callable[[], bytes]) -> _Caller:
    """Return a module or script as a caller; ``homes`` are the folders of OTP's applications."""
    folder = posixpath.dirname(path)
    home = folder.removesuffix("ebin").removesuffix("/")
    where = name.removesuffix(path)
    return _Caller(
        name, where + application_of(home), home if not where else name, folder not in homes, read
    )
