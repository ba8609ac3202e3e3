"""The beam guard: which functions of dropped modules kept modules call.

Import tables say what a module calls by name; whether it ever does so cannot be seen. An
application of OTP's or Elixir's own says in its .app file what it cannot do without, and its
modules call much that functions never use: those calls only warn, once for each application.
What a project's own files name is kept: modules, of an application or of none, and scripts.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.context import Context
from slimmer.ecosystems.erlang.folders import ApplicationFolders
from slimmer.ecosystems.erlang.ownership import ELIXIR, OF_OTP
from slimmer.ecosystems.unreadable import unreadable
from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import Call, imports
from slimmer.formats.erlang.sources import names
from slimmer.model.findings import Finding
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind
from slimmer.text import printable

_BEAM, _SCRIPTS = ".beam", (".exs", ".escript")
_MODULE = re.compile(r"(?:(.+)/)?ebin/([^/]+)\.beam")
_EMULATOR = "erts"  # its modules are inside the emulator, whatever lies in lib/


class _Module(NamedTuple):
    """A module's file, and the folder of the application that it is part of."""

    path: str
    home: str


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
        self._modules: dict[str, list[_Module]] = {}
        self._callers: dict[str, _Caller] = {}
        tree = context.tree
        files = [e.path for e in tree.ending_in(_BEAM, *_SCRIPTS) if e.kind is Kind.FILE]
        apps = [e.path for e in tree.ending_in(".app") if e.kind is Kind.FILE]
        homes = _of_otp(apps, context.read)
        for path in files:
            found = _MODULE.fullmatch(path)
            if found and _application(found[1] or "") == _EMULATOR:
                continue
            if found:
                self._modules.setdefault(found[2], []).append(_Module(path, found[1] or ""))
            self._callers[path] = _caller(path, homes, path, partial(context.read, path))
        self._folders = ApplicationFolders(tree.ending_in(".app"), context.read)
        self._siblings: list[_Caller] = []
        for zip_ in context.deployment.siblings:
            placed = [path for path, what in zip_.placed.items() if what]
            homes = _of_otp([path for path in placed if path.endswith(".app")], zip_.read)
            for path in sorted(p for p in placed if p.endswith((_BEAM, *_SCRIPTS))):
                name, read = f"{zip_.name}: {path}", partial(zip_.read, path)
                self._siblings.append(_caller(path, homes, name, read))

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield who names what is dropped: modules, and folders of applications.

        Each of a project's files counts, and of OTP's modules one call for each application.
        """
        yield from self._folders.references(verdicts, self._calls_of)
        yield from self._to_modules(verdicts)

    def _to_modules(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        dropped = {
            name: modules[-1]
            for name, modules in self._modules.items()
            if all(verdicts[m.path].dropped for m in modules)
        }
        if not dropped:
            return
        kept = [caller for path, caller in self._callers.items() if verdicts[path].kept]
        calls: dict[str, list[tuple[_Caller, Call]]] = {}
        for caller in (*kept, *self._siblings):
            if caller.project:
                yield from self._of_project(caller, dropped, verdicts)
                continue
            for call in self._calls(caller):
                gone = dropped.get(call.module)
                if gone and (gone.home != caller.home or _by_user(verdicts[gone.path])):
                    calls.setdefault(gone.home, []).append((caller, call))
        for home, those in sorted(calls.items()):
            yield from self._of_application(home, those, dropped, verdicts)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterator[Finding]:
        """Yield the modules of zips beside that cannot be understood.

        Those of the tree are named where they are stripped.
        """
        yield from unreadable(self._broken, "what it calls is not known")

    def _of_project(
        self, caller: _Caller, dropped: Mapping[str, _Module], verdicts: Mapping[str, Verdict]
    ) -> Iterator[Reference]:
        """Yield the applications whose modules a project's file names, and the modules."""
        if caller.name.endswith(_BEAM):
            named = dict.fromkeys(call.module for call in self._calls(caller))
            if caller.name in self._broken:  # it may call anything
                named = dict.fromkeys(dropped)
        else:
            named = dict.fromkeys(sorted(names(caller.read())))
        for name in named:
            module = dropped.get(name)
            if module and (module.home != caller.home or _by_user(verdicts[module.path])):
                whole = _is_gone(module.home, verdicts)
                needs, path = (
                    (_application(module.home), module.home) if whole else (name, module.path)
                )
                yield Reference(caller.name, needs, path, True, f"names {name}")

    def _of_application(
        self,
        home: str,
        calls: list[tuple[_Caller, Call]],
        dropped: Mapping[str, _Module],
        verdicts: Mapping[str, Verdict],
    ) -> Iterator[Reference]:
        name = _application(home)
        if _is_gone(home, verdicts):
            needs, path = name, home
        else:  # the application stays, but not all of it
            modules = sorted({call.module for _, call in calls})
            more = f" and {len(modules) - 1} more" if len(modules) > 1 else ""
            needs, path = f"part of {name} ({modules[0]}{more})", dropped[modules[0]].path
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
        name, where + _application(home), home if not where else name, folder not in homes, read
    )


def _is_gone(home: str, verdicts: Mapping[str, Verdict]) -> bool:
    """Return whether an application is dropped, and not only modules of it."""
    verdict = verdicts.get(f"{home}/ebin/{_application(home)}.app".lstrip("/"))
    return verdict is None or verdict.dropped


def _by_user(verdict: Verdict) -> bool:
    """Return whether the user dropped it; a pack knows what it takes out of an application."""
    return verdict.rule is not None and verdict.rule.component == "user/drop"


def _application(home: str) -> str:
    return home.rpartition("/")[2].partition("-")[0]
