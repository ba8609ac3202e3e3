"""Chunks of modules that stay: a release kept them on purpose, or kept code asks for them.

``mix release`` strips every module unless ``strip_beams`` says otherwise, so what its applications
still have was wanted. Elsewhere the compiler writes the chunks unasked, and they stay only where
code that is not OTP's or Elixir's own names a function that reads them. Dialogs with a debugger
need them too, and no function holds one.

Sources: Mix.Tasks.Release, ``strip_beams``; OTP's documentation of beam_lib, cover and code;
Elixir's of Code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from slimmer.ecosystems.erlang.ownership import ELIXIR, OF_OTP
from slimmer.ecosystems.interface import DropRequest, Drops
from slimmer.formats import FormatError
from slimmer.formats.erlang.beam import DEBUG_INFO, UNREAD, parse, plain
from slimmer.formats.erlang.imports import atoms, literals
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Entry, Kind
from slimmer.paths import folder_of, name_of
from slimmer.sizes import count_text, size_text
from slimmer.text import and_more, printable

_APP = re.compile(r"(?:(.+)/)?ebin/([^/]+)\.app")
_MIX_RELEASE = re.compile(r"((?:.*/|)releases/[^/]+)/[^/]+\.rel")
_TASK = "Elixir.Mix.Tasks."  # only Mix runs it
_SOURCES = (".ex", ".exs", ".erl", ".escript")
_MAX_SOURCE_BYTES = 1 << 20
_DOCS = frozenset({b"Docs"})


class _Ask(NamedTuple):
    """A function that reads chunks, as source names it."""

    module: str
    function: str
    #: What it reads; empty for one that is told by its arguments.
    chunks: frozenset[bytes]
    #: Whether it is asked of OTP's and Elixir's own modules as well.
    of_all: bool = False


_ASKS = (
    _Ask("Code", "fetch_docs", _DOCS, of_all=True),
    _Ask("code", "get_doc", _DOCS, of_all=True),
    _Ask("Code.Typespec", "fetch_types", DEBUG_INFO, of_all=True),
    _Ask("Code.Typespec", "fetch_specs", DEBUG_INFO, of_all=True),
    _Ask("Code.Typespec", "fetch_callbacks", DEBUG_INFO, of_all=True),
    _Ask("cover", "compile_beam", DEBUG_INFO),
    _Ask("cover", "compile_beam_directory", DEBUG_INFO),
    _Ask("beam_lib", "chunks", frozenset()),
    _Ask("beam_lib", "all_chunks", UNREAD),
)
_ARGUMENTS = {  # of beam_lib:chunks/2
    "abstract_code": DEBUG_INFO,
    "debug_info": DEBUG_INFO,
    "compile_info": frozenset({b"CInf"}),
    "documentation": _DOCS,
    **{name.decode(): frozenset({name}) for name in UNREAD},
}
_CHEAP = re.compile(b"|".join(ask.function.encode() for ask in _ASKS))


class _Kept(NamedTuple):
    """Why chunks of some modules stay."""

    why: str
    chunks: frozenset[bytes]
    modules: tuple[Entry, ...]
    note: str = ""


def keep_chunks(request: DropRequest) -> Drops:
    """Return which chunks of which modules stay. It drops nothing; raises what reading raises."""
    if "beam" not in request.guards:
        return Drops()
    return _Modules(request).kept()


class _Modules:
    """One look at the kept modules of a tree."""

    def __init__(self, request: DropRequest) -> None:
        self._context = request.context
        self._read = request.context.read
        self._tree = request.context.tree
        self._verdicts = request.verdicts
        self._all = [e for e in self._tree.ending_in(".beam") if self._is_kept(e)]
        homes = set(self._official_homes())
        official = {e.path for e in self._all if folder_of(e.path) in homes}
        names = {name_of(path) for path in official}
        # Elsewhere than in an application lie consolidated protocols, of whoever the module is.
        self._others = tuple(
            e for e in self._all if e.path not in official and name_of(e.path) not in names
        )
        self._has_mix = any(e.path.endswith("/ebin/mix.app") for e in self._tree.ending_in(".app"))

    def kept(self) -> Drops:
        chunks: dict[str, frozenset[bytes]] = {}
        findings = []
        for each in (*self._chosen(), *self._asked()):
            sizes = {e.path: self._size_bytes(e, each.chunks) for e in each.modules}
            held = [e for e in each.modules if sizes[e.path]]
            for entry in held:
                chunks[entry.path] = chunks.get(entry.path, frozenset()) | each.chunks
            if held:
                findings.append(_finding(each, held, sum(sizes.values())))
        return Drops(kept_chunks=chunks, findings=tuple(findings))

    def _chosen(self) -> Iterator[_Kept]:
        """Yield the modules of releases of Mix, which would have stripped them unasked."""
        for entry in self._tree.ending_in(".rel"):
            if (release := _MIX_RELEASE.fullmatch(entry.path)) and self._is_mix(release[1]):
                root = folder_of(folder_of(release[1]))
                inside = [e for e in self._others if not root or e.path.startswith(f"{root}/")]
                yield _Kept("the release was made with strip_beams", UNREAD, tuple(inside))

    def _asked(self) -> Iterator[_Kept]:
        """Yield what functions read that kept code names, one function after the other."""
        askers: dict[_Ask, list[str]] = {}
        for path, asked in self._all_asked():
            for ask in asked:
                askers.setdefault(ask, []).append(path)
        for ask, paths in sorted(askers.items()):
            modules = tuple(self._all) if ask.of_all else self._others
            why = f"{and_more(paths)} may call {ask.module} {ask.function}"
            note = "" if ask.of_all else "; OTP's and Elixir's own modules are stripped"
            yield _Kept(why, ask.chunks, modules, note)

    def _all_asked(self) -> Iterator[tuple[str, tuple[_Ask, ...]]]:
        for entry in self._others:
            if not name_of(entry.path).startswith(_TASK) or self._has_mix:
                yield entry.path, _asks_of_beam(self._read(entry.path))
        for entry in self._tree.ending_in(*_SOURCES):
            if self._is_kept(entry) and entry.size_bytes <= _MAX_SOURCE_BYTES:
                yield entry.path, _asks_of_source(self._read(entry.path))
        for sibling in self._context.deployment.siblings:
            for path, what in sibling.placed.items():
                if what and path.endswith(".beam"):
                    yield f"{sibling.name}: {path}", _asks_of_beam(sibling.read(path))
                elif what and path.endswith(_SOURCES):
                    yield f"{sibling.name}: {path}", _asks_of_source(sibling.read(path))

    def _official_homes(self) -> Iterator[str]:
        """Yield the ebin folders of OTP's and Elixir's own applications."""
        for entry in self._tree.ending_in(".app"):
            found = _APP.fullmatch(entry.path) if entry.kind is Kind.FILE else None
            if found and (found[2] in ELIXIR or OF_OTP.encode() in self._read(entry.path)):
                yield folder_of(entry.path)

    def _is_mix(self, version: str) -> bool:
        return f"{version}/elixir" in self._tree.by_path and f"{version}/iex" in self._tree.by_path

    def _is_kept(self, entry: Entry) -> bool:
        return entry.kind is Kind.FILE and self._verdicts[entry.path].kept

    def _size_bytes(self, entry: Entry, names: Collection[bytes]) -> int:
        try:
            return sum(len(c.data) for c in parse(self._read(entry.path)) if c.name in names)
        except FormatError:
            return 0


def _asks_of_beam(data: bytes) -> tuple[_Ask, ...]:
    try:
        data = plain(data)
        if _CHEAP.search(data) is None:
            return ()
        named = {atom.removeprefix("Elixir.") for atom in atoms(data)}
        texts = literals(data)
    except FormatError:
        return ()
    return tuple(_asks(lambda word: word in named or word.encode() in texts, named.__contains__))


def _asks_of_source(data: bytes) -> tuple[_Ask, ...]:
    if _CHEAP.search(data) is None:
        return ()

    def names(word: str) -> bool:
        return re.search(rb"\b%s\b" % re.escape(word.encode()), data) is not None

    return tuple(_asks(names, names))


def _asks(says: Callable[[str], bool], names: Callable[[str], bool]) -> Iterator[_Ask]:
    """Yield what code asks for that ``names`` atoms and ``says`` strings as well."""
    for ask in _ASKS:
        if not (names(ask.module) and names(ask.function)):
            continue
        told = [chunks for word, chunks in _ARGUMENTS.items() if says(word)]
        chunks = ask.chunks or frozenset[bytes]().union(*told)
        if chunks:
            yield ask._replace(chunks=chunks)


def _finding(kept: _Kept, held: list[Entry], size_bytes: int) -> Finding:
    modules = count_text(len(held), "module")
    return finding(
        "chunks-kept",
        f"{size_text(size_bytes)} of debug information and documentation of {modules}, such as "
        f"{printable(held[0].path)}, stay: {kept.why}{kept.note}; --no-guard beam strips all",
    )
