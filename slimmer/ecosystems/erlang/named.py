"""What files of a project name without a call, and what of that is dropped.

``inets:start(httpd, Options)``, ``application:ensure_all_started(mnesia)`` and a child
specification name modules and applications by atoms alone. Most atoms mean something else, so of an
atom alone these count: a module of more than one word (``mod_auth``), an application, and a module
that is a service of a kept application, whose other modules begin with its name (``httpd_conf``).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import Call, all_atoms
from slimmer.formats.erlang.sources import names
from slimmer.model.rules import Verdict
from slimmer.paths import join, name_of

BEAM, SCRIPTS = ".beam", (".exs", ".escript")
_SHELL, _SETTINGS = (".sh", ".bash", "bootstrap", ".args", ".vmargs"), (".config",)
TEXTS = (*_SHELL, *_SETTINGS)
_STARTED = re.compile(rb"-(?:s|run)[ \t]+'?([a-z]\w*+)")
_CARRIER = re.compile(rb"-proto_dist[ \t]+(\w+)")
_ATOM = re.compile(r"(?<![\w\"'@.])[a-z]\w*+")
_COMMENT = re.compile(rb"(?m)^[ \t]*+[#%].*$")
_MAX_TEXT_BYTES = 1_000_000
_STARTERS = frozenset(("application", "Elixir.Application"))


class Module(NamedTuple):
    """A module's file, and the folder of the application that it is part of."""

    path: str
    home: str


@dataclass(frozen=True)
class Names:
    """What a file names: what it calls or starts, and by atoms alone."""

    called: AbstractSet[str] = frozenset()
    atoms: AbstractSet[str] = frozenset()
    #: It starts applications, whose names are atoms.
    starts: bool = False


def of_module(data: bytes, calls: Iterable[Call]) -> Names:
    """Return what a compiled module names, given its ``calls``; a broken one names no atoms."""
    called = {call.module for call in calls}
    found: frozenset[str] = frozenset()
    with contextlib.suppress(FormatError):
        found = all_atoms(data)
    return Names(called, found, not called.isdisjoint(_STARTERS))


def of_text(path: str, data: bytes) -> Names:
    """Return what a script, a command of ``erl`` or a setting names."""
    data = _COMMENT.sub(b"", data[:_MAX_TEXT_BYTES])
    if path.endswith(_SETTINGS):
        return Names(atoms=frozenset(_ATOM.findall(data.decode("utf-8", "replace"))))
    found = set(names(data))
    if not path.endswith(SCRIPTS):
        found |= {name.decode() for name in _STARTED.findall(data)}
        found |= {f"{name.decode()}_dist" for name in _CARRIER.findall(data)}
    return Names(found, starts=True)


class Gone:
    """What is dropped in one round: modules, applications, and parts of those that stay."""

    def __init__(
        self, modules: Mapping[str, Iterable[Module]], verdicts: Mapping[str, Verdict]
    ) -> None:
        self._verdicts = verdicts
        #: The modules of which no file is kept.
        self.modules: dict[str, Module] = {}
        #: The modules that rules took out of an application that stays, by its folder.
        self._parts: dict[str, list[str]] = {}
        #: The folders of applications that are dropped, by their names.
        self._applications: dict[str, str] = {}
        #: The folders of applications, by the kept module that parts of them serve.
        self._services: dict[str, str] = {}
        for name, files in modules.items():
            if all(verdicts[file.path].dropped for file in files):
                self._add(name, list(files)[-1])

    def _add(self, name: str, module: Module) -> None:
        self.modules[name] = module
        home, application = module.home, application_of(module.home)
        if self.is_whole(home):
            self._applications[application] = home
            return
        if not self.by_user(module.path):
            self._parts.setdefault(home, []).append(module.path)
        words = name.split("_")
        for count in range(1, len(words)):
            service = "_".join(words[:count])
            verdict = self._verdicts.get(join(home, f"ebin/{service}{BEAM}"))
            if service != application and verdict is not None and verdict.kept:
                self._services[service] = home

    def meant(self, names_: Names) -> Iterator[tuple[str, str, str]]:
        """Yield the names that mean what is dropped, with folder of application and path.

        The path is that of a module; an application has none, nor has a service.
        """
        for name in sorted(names_.called | names_.atoms):
            module = self.modules.get(name)
            home = self._services.get(name) or self._applications.get(name, "")
            if module and (name in names_.called or self._stands_for(name, module)):
                yield name, module.home, module.path
            elif home and (name in self._services or names_.starts):
                yield name, home, ""

    def _stands_for(self, name: str, module: Module) -> bool:
        """Return whether an atom alone means a module that a rule drops."""
        distinct = "_" in name or name in self._applications
        return distinct and not self.by_user(module.path)

    def part(self, home: str) -> tuple[str, ...]:
        """Return what rules took out of an application that stays."""
        return tuple(self._parts.get(home, ()))

    def is_whole(self, home: str) -> bool:
        """Return whether an application is dropped, and not only modules of it."""
        verdict = self._verdicts.get(f"{home}/ebin/{application_of(home)}.app".lstrip("/"))
        return verdict is None or verdict.dropped

    def by_user(self, path: str) -> bool:
        """Return whether the user dropped it; a pack knows what it takes out of an application."""
        verdict = self._verdicts.get(path)
        rule = None if verdict is None or verdict.kept else verdict.rule
        return rule is not None and rule.component == "user/drop"


def application_of(home: str) -> str:
    """Return the name of an application by its folder."""
    return name_of(home).partition("-")[0]
