"""Transforms: a file's bytes in, better ones out, or a reason why they stay as they are.

Each is a function and a row in TRANSFORMS; the command line's choices are that table. A
transform checks its own result; what it cannot understand, or must not change, stays. What does
the work is imported by the first file that needs it, since ``--help`` reads this table too.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from slimmer.formats import FormatError, Refused
from slimmer.formats.zip import ARCHIVES

if TYPE_CHECKING:
    from slimmer.formats.zip.repack import Archive, LeftOut
    from slimmer.model.artifact import Change

ELF_STRIP = "elf-strip"
BEAM_STRIP = "beam-strip"
BEAM_ARCHIVE = "beam-archive"
PYC = "pyc"
BEAM_MODES = ("auto", "plain", "gzip")
ARCHIVE_REPACK = "archive-repack"
RECORD = "record"
PACKAGES = "packages"

_TRIAL_LEVEL = 6  # tells which of two is smaller in the zip, at a fraction of level 12's time


def _nothing(_archive: Archive) -> Mapping[str, str]:
    return {}


class Result(NamedTuple):
    """What a transform made of a file's bytes, and which members it left out, by component."""

    data: bytes
    left_out: tuple[tuple[str, str], ...] = ()


class TransformContext(NamedTuple):
    """What a transform has to know of the tree around a file.

    ``consolidates``: Mix is kept, so protocols can be consolidated at run time, which
    reads the debug info of protocol modules. ``inside`` gives the members of an archive that
    are dropped, each with the component that does.
    ``gzip_beams``: modules of Erlang are shipped gzipped, which its loader undoes.
    ``shipped`` are the paths that are there at run time, in this zip or in a layer below.
    ``kept_chunks`` names the chunks that stay in Erlang's modules, by the path of each.
    ``repacks``: archives may be packed again, without the members that ``inside`` gives.
    ``gone_packages`` are those of a distribution of which nothing ships.
    """

    consolidates: bool = False
    inside: LeftOut = _nothing
    gzip_beams: bool = False
    repacks: bool = False
    shipped: Container[str] = frozenset()
    kept_chunks: Mapping[str, frozenset[bytes]] = MappingProxyType({})
    gone_packages: Container[str] = frozenset()


class Transform(NamedTuple):
    """A way to make a kind of file smaller; ``wants`` looks at its path and first bytes."""

    title: str
    wants: Callable[[str, bytes], bool]
    apply: Callable[[str, bytes, TransformContext], Result]


def _is_elf(_path: str, data: bytes) -> bool:
    return data.startswith(b"\x7fELF")


def _is_beam(path: str, data: bytes) -> bool:
    return path.endswith(".beam") and data.startswith((b"FOR1", b"\x1f\x8b"))


def _is_beam_archive(path: str, data: bytes) -> bool:
    if data.startswith(b"PK"):
        return path.endswith(".ez")
    if not data.startswith(b"#!"):
        return False
    from slimmer.formats.erlang import archives

    return archives.head_bytes(data) > 0


def _is_cached_bytecode(path: str, _data: bytes) -> bool:
    from slimmer.formats.python import pyc

    return pyc.source_of(path) is not None


def _is_archive(path: str, data: bytes) -> bool:
    return path.endswith(ARCHIVES) and data.startswith(b"PK")


def _is_record(path: str, _data: bytes) -> bool:
    return path.endswith(".dist-info/RECORD")


def _is_of_packages(path: str, _data: bytes) -> bool:
    from slimmer.formats import package_records

    return package_records.is_record(path)


def _correct_records(path: str, data: bytes, context: TransformContext) -> Result:
    from slimmer.formats import package_records

    return Result(package_records.corrected(path, data, context.gone_packages, context.shipped))


def _uncheck(_path: str, data: bytes, _context: TransformContext) -> Result:
    from slimmer.formats.python import pyc

    return _if_not_longer(data, pyc.unchecked(data))


def _strip_elf(_path: str, data: bytes, _context: TransformContext) -> Result:
    from slimmer.formats.elf.strip import strip

    return _if_not_longer(data, strip(data))


def _strip_beam(path: str, data: bytes, context: TransformContext) -> Result:
    from slimmer.formats.erlang import beam

    keep = context.kept_chunks.get(path, frozenset())
    stripped = _strip_module(data, keep, context)
    packed = beam.gzipped(stripped) if context.gzip_beams else stripped
    return _if_not_longer(data, min(packed, stripped, key=len))


def _strip_module(data: bytes, keep: frozenset[bytes], context: TransformContext) -> bytes:
    from slimmer.formats.erlang import beam

    if context.consolidates and beam.is_protocol(data):
        keep |= beam.DEBUG_INFO
    return beam.strip(data, keep)


def _strip_beam_archive(path: str, data: bytes, context: TransformContext) -> Result:
    """Strip the modules of an escript or an .ez; a chunk that any module's code reads stays."""
    from slimmer.formats.erlang import archives

    keep = frozenset[bytes]().union(*context.kept_chunks.values())
    stripped = archives.stripped(data, lambda module: _strip_module(module, keep, context))
    if not (context.repacks and path.endswith(".ez")):
        return Result(stripped)
    repacked = _repack(path, stripped, context)
    return repacked if repacked.left_out else Result(min(stripped, repacked.data, key=len))


def _shorten_record(path: str, data: bytes, context: TransformContext) -> Result:
    from slimmer.formats.python.record import shortened

    return _if_not_longer(data, shortened(data, path, context.shipped))


def _if_not_longer(before: bytes, after: bytes) -> Result:
    return Result(after if len(after) <= len(before) else before)


def _repack(path: str, data: bytes, context: TransformContext) -> Result:
    """Store an archive's members where that makes the zip around it smaller."""
    from slimmer.formats.zip.repack import repack

    found = repack(data, context.inside, path)
    if packed_bytes(found.data) >= packed_bytes(data):
        return Result(data)
    return Result(*found)


def packed_bytes(data: bytes) -> int:
    """Return about what a file with these bytes takes in the zip."""
    import deflate

    return min(len(data), len(deflate.deflate_compress(data, _TRIAL_LEVEL)))


TRANSFORMS = {
    ELF_STRIP: Transform("Symbols and debug sections of programs", _is_elf, _strip_elf),
    BEAM_STRIP: Transform("Debug info and docs of Erlang modules", _is_beam, _strip_beam),
    BEAM_ARCHIVE: Transform(
        "Debug info and docs in escripts and .ez", _is_beam_archive, _strip_beam_archive
    ),
    PYC: Transform("Bytecode made valid at any time", _is_cached_bytecode, _uncheck),
    ARCHIVE_REPACK: Transform("Archives stored, to be packed as one", _is_archive, _repack),
    RECORD: Transform("Lists of installed files, by path alone", _is_record, _shorten_record),
    PACKAGES: Transform("Records of packages that ship", _is_of_packages, _correct_records),
}


TRANSFORM_NAMES = tuple(TRANSFORMS)


def recipe(path: str, names: Iterable[str], context: TransformContext) -> tuple[object, ...] | None:
    """Return all that decides, beside a file's bytes, what is made of it, as plain values.

    None for what depends on more: lists of what ships, and archives, of which members are dropped.
    """
    names = tuple(names)
    if ARCHIVE_REPACK in names and path.endswith(ARCHIVES):
        return None
    if _is_record(path, b"") or _is_of_packages(path, b""):
        return None
    if BEAM_STRIP not in names or not path.endswith(".beam"):
        return (path, names)
    chunks = sorted(chunk.hex() for chunk in context.kept_chunks.get(path, ()))
    return (path, names, context.consolidates, context.gzip_beams, chunks)


def transformed(
    path: str, data: bytes, names: Iterable[str], context: TransformContext
) -> tuple[bytes, Change | None]:
    """Return the bytes to ship for a file, and what was changed, or refused and why.

    ``names`` are the transforms that may be used on it. Only an archive may become longer,
    where it is smaller in the zip; None says that no transform had anything to say.
    """
    from slimmer.model.artifact import Change

    for name in names:
        transform = TRANSFORMS[name]
        if transform.wants(path, data):
            try:
                result = transform.apply(path, data, context)
            except Refused as error:
                return data, Change(name, 0, refused=str(error))
            except FormatError as error:
                return data, Change(name, 0, broken=str(error))
            if result.data != data:
                saved = len(data) - len(result.data)
                return result.data, Change(name, saved, left_out=result.left_out)
    return data, None
