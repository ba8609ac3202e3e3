"""Which programs a file may start by name, and what it asks of Erlang's emulator."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property

from slimmer.ecosystems.distribution.binaries import without_symbols
from slimmer.ecosystems.distribution.emulator import (
    asked_for,
    is_launcher,
    is_tool,
    known_starts,
    part_of_emulator,
    piped,
)
from slimmer.ecosystems.distribution.names import SCRIPTS, SOURCES, said_in, told_in
from slimmer.ecosystems.distribution.sought import sought
from slimmer.ecosystems.interface import UsesRequest
from slimmer.formats import FormatError
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.formats.erlang.imports import all_atoms, imports
from slimmer.model.uses import Use

#: The atoms of which a module of Erlang has one that starts programs.
_PORTS = frozenset(("open_port", "cmd", "Elixir.Port", "spawn_executable"))
_BEAM = ".beam"
#: What JavaScript says that starts programs, or hands on to what does: the module of Node.js, its
#: functions, and the packages around it.
_JAVASCRIPT = sought(
    rb"child_process|spawn|(?<![.\w])exec|shell|subprocess|run-?script|process\.binding|\bzx\b"
    rb"|[\"'`](?:which|open|opn|opener|[\w-]{1,40}-pty|[\w-]{0,40}launch[\w-]{0,40})[\"'`]",
    *(b"child_process", b"spawn", b"exec", b"shell", b"subprocess", b"run", b"binding", b"zx"),
    *(b"which", b"open", b"opn", b"pty", b"launch"),
)


class Starters:
    """Knows what starts programs in one image; ``placed`` has the package of each file."""

    def __init__(self, request: UsesRequest, placed: Mapping[str, str]) -> None:
        self._request = request
        self._read = request.context.read
        self._placed = placed
        self._inert: dict[str, bool] = {}  # the packages of which no JavaScript starts programs

    def named_in(
        self, path: str, data: bytes, dynamic: Dynamic | None, programs: Collection[str]
    ) -> AbstractSet[str]:
        """Return the names of programs that a file says and may start."""
        known: AbstractSet[str] | None = known_starts(path)
        if known is None and path.endswith(SOURCES) and not self._has_others:
            known = told_in(path, data)
        if known is None:
            _, _, data = piped(path, data)
            known = said_in(path, without_symbols(data, dynamic), programs)
        return known

    def opens_ports(self, path: str, data: bytes) -> bool:
        """Return whether a module of Erlang may start programs; one not understood may.

        Of OTP and Elixir it is known that they call by name what does, so that an atom says
        nothing: tables of functions have it too.
        """
        try:
            if self._is_tool(path):
                named = {name for call in imports(data) for name in (call.module, call.function)}
                return not _PORTS.isdisjoint(named)
            return not _PORTS.isdisjoint(all_atoms(data))
        except FormatError:
            return True

    def is_inert(self, path: str) -> bool:
        """Return whether a file is JavaScript of a package none of whose starts programs."""
        name = self._placed.get(path) if path.endswith(SCRIPTS) else None
        if name is None:
            return False
        if name not in self._inert:
            read = self._read
            self._inert[name] = not any(_JAVASCRIPT.is_in(read(p)) for p in self._scripts[name])
        return self._inert[name]

    @cached_property
    def _scripts(self) -> dict[str, list[str]]:
        """The kept JavaScript of each package."""
        found: dict[str, list[str]] = {}
        for entry in self._request.kept(*SCRIPTS):
            if entry.path in self._placed:
                found.setdefault(self._placed[entry.path], []).append(entry.path)
        return found

    def of_emulator(self, path: str, *, is_own: bool) -> Iterator[str]:
        """Yield the parts of Erlang's emulator that a file asks for."""
        if self._is_there and not self._is_tool(path):
            yield from asked_for(self._read(path), is_own=is_own)

    def of_pipe(
        self, path: str, data: bytes, programs: Mapping[str, tuple[str, ...]]
    ) -> Iterator[Use]:
        """Yield what Elixir's launcher starts only where somebody asks for ``--pipe-to``."""
        asked, block, _ = piped(path, data)
        for name in said_in(path, block, ()) & programs.keys():
            yield from (Use(asked, part, path) for part in programs[name])

    @cached_property
    def _is_there(self) -> bool:
        return bool(self.emulator) or any(map(is_launcher, self._request.owners))

    @cached_property
    def emulator(self) -> frozenset[str]:
        """The files of Erlang's emulator that only those use who ask for them."""
        return frozenset(filter(part_of_emulator, self._request.owners))

    @cached_property
    def _has_others(self) -> bool:
        """Whether code that is none of OTP's or Elixir's starts programs that it is told."""
        kept = (e.path for e in self._request.kept(_BEAM, *SOURCES))
        return any(
            self.opens_ports(path, self._read(path))
            if path.endswith(_BEAM)
            else told_in(path, self._read(path)) is None
            for path in kept
            if not self._is_tool(path)
        )

    def _is_tool(self, path: str) -> bool:
        return is_tool(self._placed.get(path, ""))
