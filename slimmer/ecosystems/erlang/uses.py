"""Who uses which application: by .app and boot files, and by what modules and scripts call.

An application of OTP asks for what its .app file lists, and beyond that only for what those of
its modules call that somebody names: few programs use all of inets, and one module of it wants
mnesia. Of any other application all modules count.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from slimmer.ecosystems.erlang.ownership import OF_OTP
from slimmer.ecosystems.interface import UsesRequest
from slimmer.formats import FormatError
from slimmer.formats.erlang.applications import App, parse_app, parse_boot
from slimmer.formats.erlang.imports import imports
from slimmer.formats.erlang.sources import names
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry
from slimmer.model.uses import Use, Uses, own_part
from slimmer.paths import name_of

_ALWAYS = ("kernel", "stdlib")  # no emulator starts without them
_EMULATOR = "erlang/erts"
_TRACER = ":dbg"  # which httpc and others call only where a person turns tracing on
_ELIXIR = "erlang/elixir:"
_IF_STARTED = ("erlang/iex:", "erlang/logger:")  # which elixir itself calls only where they run
_BY_NAME = ("start_", "no_dot_")  # OTP's boot files that start only with ``erl -boot NAME``
_BOOT = "erlang/"
_ANY = "erlang/any module"  # what a module that cannot be understood may call
_SOURCES = (".exs", ".escript", ".ex", ".erl")
_WORD = re.compile(rb"[A-Za-z_][\w.]*+")
_BINARY = b"\0"
_MAX_TEXT_BYTES = 1_000_000  # of a script or setting
_FOLDER_OF_BOOT = re.compile(r"(?<![^/])([^/]+)/ebin$")


class _Caller(NamedTuple):
    """A module or text that names modules: the part it is of, and what reads it."""

    path: str
    part: str
    read: Callable[[], bytes]


def find_uses(request: UsesRequest) -> Uses:
    """Return which applications of a tree, and own files, use which others."""
    apps = dict(_apps(request))
    known = _Known(request, apps)
    uses = {use for name, (app, is_otp) in apps.items() for use in known.of_app(name, app, is_otp)}
    uses |= {use for caller in _own(request) for use in known.named(caller)}
    uses |= {*known.of_boots(), *known.of_unreadable()}
    roots = {f"erlang/{name}" for name in _ALWAYS if name in apps} | known.started
    uses |= known.of_modules(uses, roots | request.named)
    units = frozenset(f"erlang/{name}" for name in apps).union(known.boots.values())
    return Uses(units, tuple(uses), frozenset(roots), known.boots)


def _apps(request: UsesRequest) -> Iterator[tuple[str, tuple[App | None, bool]]]:
    """Yield the applications that are kept, and whether each is OTP's; None if not understood."""
    for entry in request.kept(".app"):
        name = name_of(entry.path).removesuffix(".app")
        if request.owners[entry.path] == f"erlang/{name}" != _EMULATOR:
            data = request.context.read(entry.path)
            try:
                yield name, (parse_app(data), OF_OTP.encode() in data)
            except FormatError:
                yield name, (None, False)


def _booted(data: bytes) -> Iterator[str]:
    """Yield the applications that a boot file starts."""
    with contextlib.suppress(FormatError):
        for folder in parse_boot(data).folders:
            if found := _FOLDER_OF_BOOT.search(folder):
                yield found[1].partition("-")[0]


def _own(request: UsesRequest) -> Iterator[_Caller]:
    """Yield the user's own files in the tree, and all that zips beside hold."""
    for file in request.own_files():
        if _may_name(file.entry):
            yield _Caller(file.entry.path, file.part, file.read)


def _is_made(call: Use) -> bool:
    """Tell whether an installed module makes a call unasked.

    elixir.app lists neither IEx nor Logger: Kernel.CLI asks ``whereis`` before it flushes a log.
    """
    late = call.user.startswith(_ELIXIR) and call.used.startswith(_IF_STARTED)
    return not late and not call.used.endswith(_TRACER)


def _may_name(entry: Entry) -> bool:
    return entry.size_bytes <= _MAX_TEXT_BYTES or entry.path.endswith(".beam")


class _Known:
    """The modules of the applications that are kept."""

    def __init__(self, request: UsesRequest, apps: Iterable[str]) -> None:
        self._apps = frozenset(apps)
        self._homes: dict[str, str] = {}
        #: The applications of boot files, by the part that such a file is.
        self._boots: dict[str, set[str]] = {}
        #: The boot files, each with the part that it is.
        self.boots: dict[str, str] = {}
        #: Those of them that start whatever nobody says.
        self.started: set[str] = set()
        for entry in request.kept(".boot"):
            part = f"{_BOOT}{name_of(entry.path)}"
            booted = set(_booted(request.context.read(entry.path)))
            self._boots.setdefault(part, set()).update(booted)
            if booted - set(_ALWAYS):
                self.boots[entry.path] = part
            if not name_of(entry.path).startswith(_BY_NAME):
                self.started.add(part)
        #: The modules that are installed, by their parts.
        self._installed: dict[str, list[_Caller]] = {}
        for entry in request.kept(".beam"):
            name, owner = name_of(entry.path).removesuffix(".beam"), request.owners[entry.path]
            if owner.removeprefix("erlang/") in self._apps:
                self._homes[name] = owner
                read = partial(request.context.read, entry.path)
                caller = _Caller(entry.path, f"{owner}:{name}", read)
                self._installed.setdefault(caller.part, []).append(caller)
            elif owner == OWN:
                self._homes.setdefault(name, own_part(entry.path))

    def of_app(self, name: str, app: App | None, is_otp: bool) -> Iterator[Use]:
        """Yield what an application lists, and which of its modules count; all if it is broken."""
        unit = f"erlang/{name}"
        others = app.required if app else self._apps
        yield from (Use(unit, f"erlang/{n}", f"{name}.app") for n in others if n in self._apps)
        if app and app.start_module:
            yield from self._to(unit, app.start_module, f"{name}.app")
        if not is_otp:
            for module, home in self._homes.items():
                if home == unit:
                    yield Use(unit, f"{unit}:{module}", f"{name}.app")

    def of_boots(self) -> Iterator[Use]:
        """Yield what boot files start."""
        for part, booted in self._boots.items():
            for name in booted & self._apps:
                yield Use(part, f"erlang/{name}", part.removeprefix(_BOOT))

    def of_modules(self, uses: Iterable[Use], roots: Iterable[str]) -> set[Use]:
        """Return what installed modules call; only those that may be reached are read.

        All of the user's own files may run, beside the ``roots``.
        """
        used: dict[str, set[str]] = {}
        for use in uses:
            used.setdefault(use.user, set()).add(use.used)
        found: set[Use] = set()
        seen: set[str] = set()
        todo = [*roots, *(user for user in used if user.startswith("/") or ": " in user)]
        while todo:
            part = todo.pop()
            if part not in seen:
                seen.add(part)
                todo += used.get(part, ())
                for caller in self._installed.get(part, ()):
                    calls = [use for use in self.called(caller) if _is_made(use)]
                    found.update(calls)
                    todo += [use.used for use in calls]
        return found

    def of_unreadable(self) -> Iterator[Use]:
        """Yield what a module that cannot be understood may call: all."""
        for name in self._apps:
            yield Use(_ANY, f"erlang/{name}", "a module that is not understood")
        for module in self._homes:
            yield from self._to(_ANY, module, "a module that is not understood")

    def called(self, caller: _Caller) -> Iterator[Use]:
        """Yield what a module calls; one that cannot be understood may call all."""
        try:
            calls = {call.module for call in imports(caller.read())}
        except FormatError:
            yield Use(caller.part, _ANY, caller.path)
            return
        for module in calls:
            yield from self._to(caller.part, module, caller.path)

    def named(self, caller: _Caller) -> Iterator[Use]:
        """Yield what one of the user's own files names: modules, and applications."""
        if caller.path.endswith(".beam"):
            yield from self.called(caller)
            return
        data = caller.read()
        if caller.path.endswith(_SOURCES):
            found: Iterable[str] = names(data)
        elif _BINARY not in data:
            found = {word.decode() for word in _WORD.findall(data)}
        else:
            return
        for name in found:
            yield from self._to(caller.part, name, caller.path)
            if name in self._apps:
                yield Use(caller.part, f"erlang/{name}", caller.path)
            if f"{_BOOT}{name}.boot" in self._boots:
                yield Use(caller.part, f"{_BOOT}{name}.boot", caller.path)

    def _to(self, part: str, module: str, how: str) -> Iterator[Use]:
        """Yield that a part uses a module, and with it the application that holds it."""
        home = self._homes.get(module, "")
        if home.startswith("/"):
            yield Use(part, home, how)
        elif home:
            yield Use(part, f"{home}:{module}", how)
            yield Use(f"{home}:{module}", home, how)
