"""Transforms: a file's bytes in, better ones out, or a reason why they stay as they are.

Each is a function and a row in TRANSFORMS; the command line's choices are that table. A
transform checks its own result; what it cannot understand, or must not change, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from slimmer.formats import FormatError, Refused, beam, elf_strip, pyc
from slimmer.model import Change

ELF_STRIP = "elf-strip"
BEAM_STRIP = "beam-strip"
PYC = "pyc"


class Context(NamedTuple):
    """What a transform has to know of the tree around a file.

    ``consolidates``: Mix is kept, so protocols can be consolidated at run time, which
    reads the debug info of protocol modules.
    """

    consolidates: bool = False


class Transform(NamedTuple):
    """A way to make a kind of file smaller; ``wants`` looks at its path and first bytes."""

    title: str
    wants: Callable[[str, bytes], bool]
    apply: Callable[[bytes, Context], bytes]


def _is_elf(_path: str, data: bytes) -> bool:
    return data.startswith(b"\x7fELF")


def _is_beam(path: str, data: bytes) -> bool:
    return path.endswith(".beam") and data.startswith((b"FOR1", b"\x1f\x8b"))


def _is_cached_bytecode(path: str, _data: bytes) -> bool:
    return pyc.source_of(path) is not None


def _uncheck(data: bytes, _context: Context) -> bytes:
    return pyc.unchecked(data)


def _strip_elf(data: bytes, _context: Context) -> bytes:
    return elf_strip.strip(data)


def _strip_beam(data: bytes, context: Context) -> bytes:
    whole = context.consolidates and beam.is_protocol(data)
    return beam.strip(data, keep_debug_info=whole)


TRANSFORMS = {
    ELF_STRIP: Transform("Symbols and debug sections of programs", _is_elf, _strip_elf),
    BEAM_STRIP: Transform("Debug info and docs of Erlang modules", _is_beam, _strip_beam),
    PYC: Transform("Bytecode made valid at any time", _is_cached_bytecode, _uncheck),
}


def transformed(
    path: str, data: bytes, names: Iterable[str], context: Context
) -> tuple[bytes, Change | None]:
    """Return the bytes to ship for a file, and what was changed, or refused and why.

    ``names`` are the transforms that may be used on it. The result is never longer; None
    says that none of them had anything to say.
    """
    for name in names:
        transform = TRANSFORMS[name]
        if transform.wants(path, data):
            try:
                result = transform.apply(data, context)
            except Refused as error:
                return data, Change(name, 0, refused=str(error))
            except FormatError as error:
                return data, Change(name, 0, broken=str(error))
            if result != data and len(result) <= len(data):
                return result, Change(name, len(data) - len(result))
    return data, None
