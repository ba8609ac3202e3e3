"""What a file says: the libraries that it opens, what it asks the C library for."""

from __future__ import annotations

import re

from slimmer.ecosystems.distribution.names import said_in
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.paths import name_of

#: The C library's functions that start a program by its name; without them a name is none.
_STARTS = frozenset((b"execvp", b"execlp", b"execvpe", b"posix_spawnp", b"popen", b"system"))
_ICONV = b"iconv_open"
_LIBC = re.compile(r"lib(?:c|stdc\+\+)\.so\..*")
#: What the dynamic linker finds by its name; the C library puts those of NSS together itself.
_LIBRARY = re.compile(
    r"(?:usr/(?:local/)?)?lib(?:64)?/(?:[a-z0-9_]+-linux-[a-z0-9]+/)?"
    r"(?!libnss_)lib[^/]+\.so(?:\.[0-9.]+)?"
)
_SONAME = re.compile(
    rb"lib[A-Za-z0-9_+-]{1,60}(?:\.[A-Za-z0-9_+-]{1,30}){0,3}\.so(?:\.[0-9]{1,9}){0,3}"
)
#: Code of Erlang and Elixir, which opens libraries by their paths (erlang:load_nif/2, erl_ddll).
_ESCRIPT = re.compile(rb"#![^\n]{0,120}(?:escript|elixir)")
_ERLANG = (".beam", ".erl", ".hrl", ".escript", ".ex", ".exs", ".eex", ".app", ".boot")


def is_library(path: str) -> bool:
    """Return whether a path is one at which the dynamic linker finds a library by its name."""
    return _LIBRARY.fullmatch(path) is not None


def called(path: str) -> tuple[str, ...]:
    """Return how code names a library that it opens: its name, no version, or the plain name."""
    stem = name_of(path).partition(".so")[0]
    return (name_of(path), f"{stem}.so", stem.removeprefix("lib")) if is_library(path) else ()


def opened(path: str, data: bytes, dynamic: Dynamic | None) -> set[str]:
    """Return the libraries that a file may open by name: said, and not linked to."""
    names = {name.decode("ascii") for name in {*_SONAME.findall(data)}}
    if dynamic:
        return names.difference(dynamic.needed, (name_of(path),))
    is_erlang = path.endswith(_ERLANG) or _ESCRIPT.match(data) is not None
    return names if is_erlang else names | said_in(path, data, ())


def converts(path: str, data: bytes, dynamic: Dynamic) -> bool:
    """Return whether a file asks the C library to convert between character sets.

    That of C++ does so only for programs that ask themselves (``encoding_state``).
    """
    return not _LIBC.fullmatch(name_of(path)) and _ICONV in _symbols(data, dynamic)


def starts_programs(data: bytes, dynamic: Dynamic) -> bool:
    """Return whether a file calls what starts a program by its name."""
    return not _STARTS.isdisjoint(_symbols(data, dynamic))


def _symbols(data: bytes, dynamic: Dynamic) -> frozenset[bytes]:
    """Return the names in the table of strings that the loader reads of an ELF file."""
    start, end = _table(data, dynamic)
    return frozenset(data[start:end].split(b"\0"))


def without_symbols(data: bytes, dynamic: Dynamic | None) -> bytes:
    """Return a file without the names of functions in that table; many are a program's, too."""
    start, end = _table(data, dynamic) if dynamic else (0, 0)
    return data[:start] + data[end:]


def _table(data: bytes, dynamic: Dynamic) -> tuple[int, int]:
    """Return where the table begins and ends.

    It is the one with the names of the libraries (DT_NEEDED); no name in it is empty.
    """
    first = next(iter(dynamic.needed), "").encode("utf-8", "surrogateescape")
    place = data.find(b"\0" + first + b"\0") if first else -1
    if place < 0:
        return 0, 0
    start, end = data.rfind(b"\0\0", 0, place + 1), data.find(b"\0\0", place)
    return max(start, 0), end if end >= 0 else len(data)
