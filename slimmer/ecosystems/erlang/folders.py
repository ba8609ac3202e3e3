"""The folders of applications that kept modules name: priv/, and others by their literals.

``code:priv_dir(App)`` names priv/, ``code:lib_dir(App, examples)`` and ``Application.app_dir(app,
"examples")`` any folder. The arguments of calls are not followed: a module that calls one of
these functions, and has the names of an application and of a folder in it, may mean them. OTP's own
modules name no folder of which others need anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from slimmer.ecosystems.erlang.ownership import OF_OTP
from slimmer.ecosystems.folders import DroppedFolders
from slimmer.formats import FormatError
from slimmer.formats.erlang.imports import Call, atoms, literals
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Entry
from slimmer.paths import folder_of, join, name_of

# What gives the folder of an application, to which text is joined; with an atom; and priv/.
_LIB = {("code", "lib_dir", 1), ("Elixir.Application", "app_dir", 1)}
_LIB |= {("Elixir.Application", "app_dir", 2)}
_LIB_OF_ATOM, _PRIV = ("code", "lib_dir", 2), ("code", "priv_dir", 1)
_WORD = re.compile(rb"[\w.-]+")
_MAX_LITERALS_BYTES = 4_000_000


class _Words(NamedTuple):
    """What a module has in it: its atoms, and the words of its literals."""

    atoms: frozenset[str]
    texts: frozenset[str]


class ApplicationFolders:
    """Knows the applications of one tree; ``apps`` are their .app files."""

    def __init__(self, apps: Iterable[Entry], read: Callable[[str], bytes]) -> None:
        self._apps = [e.path for e in apps if folder_of(e.path).endswith("ebin")]
        self._read = read
        self._words: dict[str, _Words] = {}
        self._otp: dict[str, bool] = {}

    def references(
        self, verdicts: Mapping[str, Verdict], calls: Callable[[str], Iterable[Call]]
    ) -> Iterator[Reference]:
        """Yield what is dropped of the folders that kept modules name; ``calls`` reads one's."""
        homes = {_home(path): path for path in self._apps if verdicts[path].kept}
        gone = DroppedFolders(verdicts)
        folders = {home: names for home in homes if (names := gone.names_in(home))}
        for path in verdicts if folders else ():
            home = _home(path) if path.endswith(".beam") else ""
            if verdicts[path].kept and home in homes and not self._is_otp(homes[home]):
                for target in self._targets(path, home, folders, set(calls(path))):
                    reference = gone.reference(path, target)
                    if reference is not None:
                        yield reference

    def _targets(
        self,
        path: str,
        own: str,
        folders: Mapping[str, Iterable[str]],
        made: set[Call],
    ) -> Iterator[str]:
        """Yield the folders that a module may name, by the calls that are ``made`` in it."""
        if made.isdisjoint((*_LIB, _LIB_OF_ATOM, _PRIV)):
            return
        module = self._words_of(path)
        names = (module.atoms if _LIB_OF_ATOM in made else frozenset()) | (
            frozenset() if made.isdisjoint(_LIB) else module.texts
        )
        names |= {"priv"} if _PRIV in made else frozenset()
        for home, inside in folders.items():
            if home == own or _application(home) in module.atoms:
                yield from (join(home, name) for name in inside if name in names)

    def _words_of(self, path: str) -> _Words:
        """Return the atoms of a module and the words of its literals."""
        if path not in self._words:
            data = self._read(path)
            try:
                text = literals(data)[:_MAX_LITERALS_BYTES]
                found = (word.decode("utf-8", "replace") for word in _WORD.findall(text))
                self._words[path] = _Words(frozenset(atoms(data)), frozenset(found))
            except FormatError:
                self._words[path] = _Words(frozenset(), frozenset())
        return self._words[path]

    def _is_otp(self, app: str) -> bool:
        if app not in self._otp:
            self._otp[app] = OF_OTP.encode() in self._read(app)
        return self._otp[app]


def _home(path: str) -> str:
    """Return the folder of the application that a file in ebin/ belongs to."""
    folder = folder_of(path)
    return folder_of(folder) if name_of(folder) == "ebin" else ""


def _application(home: str) -> str:
    return name_of(home).partition("-")[0]
