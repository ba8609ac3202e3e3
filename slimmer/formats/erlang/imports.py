"""Which functions of other modules a BEAM module calls by name: its import table.

Source: the BEAM file format as ``beam_lib`` and ``beam_asm`` of OTP 25 to 28 read and write it:
chunks ImpT, and AtU8 or Atom, whose lengths are compact terms since OTP 28.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.erlang.beam import MAX_INFLATED, parse

_ENTRY: Final = struct.Struct(">3I")
_COUNT: Final = struct.Struct(">i")
# Atoms in the external term format (ERTS User's Guide): with a length of one byte, or of two.
_ATOM_TERM: Final = re.compile(rb"(?:[ws](.)|[dv]\0(.))([A-Za-z][\w.@]*)", re.DOTALL)


class Call(NamedTuple):
    """A function of a module, as it is imported."""

    module: str
    function: str
    arity: int

    def __str__(self) -> str:
        return f"{self.module}:{self.function}/{self.arity}"


def imports(data: bytes) -> tuple[Call, ...]:
    """Return the functions that a module imports, in the order of its table.

    Takes a BEAM file, plain or gzipped. Raises FormatError where it is broken.
    """
    chunks = {chunk.name: chunk.data for chunk in parse(data)}
    named = list(_atoms(chunks.get(b"AtU8", chunks.get(b"Atom", bytes(4)))))
    table = chunks.get(b"ImpT", bytes(4))
    if len(table) < 4:
        raise FormatError("the import table is cut short")
    (count,) = _COUNT.unpack_from(table)
    if count < 0 or len(table) < 4 + count * _ENTRY.size:
        raise FormatError("the import table is cut short")
    calls = []
    for module, function, arity in _ENTRY.iter_unpack(table[4 : 4 + count * _ENTRY.size]):
        if not 0 < module <= len(named) or not 0 < function <= len(named):
            raise FormatError("the import table names an atom that there is not")
        calls.append(Call(_text(named[module - 1]), _text(named[function - 1]), arity))
    return tuple(calls)


def atoms(data: bytes) -> tuple[str, ...]:
    """Return all atoms of a module, plain or gzipped. Raises FormatError where it is broken."""
    chunks = {chunk.name: chunk.data for chunk in parse(data)}
    return tuple(map(_text, _atoms(chunks.get(b"AtU8", chunks.get(b"Atom", bytes(4))))))


def all_atoms(data: bytes) -> frozenset[str]:
    """Return the atoms of a module and those of its literals, of which a few may be strings.

    Takes a BEAM file, plain or gzipped. Raises FormatError where it is broken.
    """
    found = _ATOM_TERM.finditer(literals(data))
    return frozenset(_text(m[3][: (m[1] or m[2])[0]]) for m in found).union(atoms(data))


def literals(data: bytes) -> bytes:
    """Return the strings and terms of a module, one after the other, as they are encoded.

    Takes a BEAM file, plain or gzipped. Raises FormatError where it is broken.
    """
    chunks = {chunk.name: chunk.data for chunk in parse(data)}
    table = chunks.get(b"LitT", bytes(4))
    if len(table) >= 4 and table[:4] != bytes(4):  # OTP 28 does not compress it
        try:
            table = zlib.decompressobj().decompress(table[4:], MAX_INFLATED)
        except zlib.error as error:
            raise FormatError(f"the table of literals is damaged: {error}") from None
    return chunks.get(b"StrT", b"") + table


def _atoms(chunk: bytes) -> Iterator[bytes]:
    if len(chunk) < 4:
        raise FormatError("the table of atoms is cut short")
    (count,) = _COUNT.unpack_from(chunk)
    compact, place = count < 0, 4
    for _ in range(abs(count)):
        if place + 2 > len(chunk):
            raise FormatError("the table of atoms is cut short")
        length, place = chunk[place], place + 1
        if compact and length & 0x08:  # 11 bits in two bytes; else 4 in the upper half of one
            length, place = (length & 0xE0) << 3 | chunk[place], place + 1
        elif compact:
            length >>= 4
        yield chunk[place : place + length]
        place += length


def _text(atom: bytes) -> str:
    return atom.decode("utf-8", "replace")
