"""BEAM files, compiled Erlang and Elixir modules: read, and written without what does not run.

A BEAM file is an IFF form ``FOR1`` of type ``BEAM``: chunks of a name of four characters, a
size and that many bytes, each padded to a multiple of four. It may be gzipped as a whole.

Source: Erlang/OTP's documentation of ``beam_lib`` and the function ``significant_chunks``
of its source (OTP 25): which chunks stay when a module is stripped, and which make its MD5.
"""

import struct
import zlib
from collections.abc import Container
from dataclasses import dataclass
from hashlib import md5 as _md5
from struct import Struct
from typing import Final

import deflate

from slimmer.formats import FormatError

# Read by debuggers, documentation, the compiler and cross-referencers. What a running node
# asks of a module (code, lines, attributes) is elsewhere, and so is what we do not know.
DEBUG_INFO: Final = frozenset({b"Dbgi", b"Abst"})
UNREAD: Final = DEBUG_INFO | {b"Docs", b"ExCk", b"CInf", b"LocT"}

# In the order in which the digest takes them.
DIGESTED: Final = (b"Atom", b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"LitT", b"Meta")
MANDATORY: Final = frozenset({b"Code", b"ExpT", b"ImpT", b"StrT"})
FUN_ENTRY: Final = 24  # bytes of a function in FunT; the last four differ with each compile

PROTOCOL: Final = b"__protocol__"  # Protocol.extract_protocols/1 of Elixir

MAX_INFLATED: Final = 64 << 20
MAX_CHUNKS: Final = 4096

_HEADER: Final = Struct(">4sI")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A named part of a module."""

    name: bytes
    data: bytes


def plain(data: bytes) -> bytes:
    """Give a module's bytes without the gzip around them, if there is any.

    Raises FormatError for a damaged or an unreasonably large gzip stream.
    """
    if data[:2] != b"\x1f\x8b":
        return data
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED)
    except zlib.error as error:
        raise FormatError(f"the gzip stream is damaged: {error}") from None
    if not inflater.eof:
        raise FormatError("the gzip stream is cut short or longer than a module can be")
    if inflater.unused_data:
        raise FormatError("there are bytes after the gzip stream")
    return inflated


def gzipped(data: bytes) -> bytes:
    """Give a module's bytes with gzip around them, without a time (RFC 1952)."""
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    end = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return header + deflate.deflate_compress(data, 12) + end


def parse(data: bytes) -> tuple[Chunk, ...]:
    """Read the chunks of a BEAM file, plain or gzipped, in their order.

    Raises FormatError where it is no BEAM file, is cut short or has anything after its end.
    """
    data = plain(data)
    if len(data) < 12 or data[:4] != b"FOR1" or data[8:12] != b"BEAM":
        raise FormatError("not a BEAM file: no FOR1 form of type BEAM")
    if _HEADER.unpack_from(data)[1] + 8 != len(data):
        raise FormatError("the size of the BEAM file is not the one that it states")
    chunks: dict[bytes, Chunk] = {}
    at = 12
    while at < len(data):
        if at + 8 > len(data) or len(chunks) == MAX_CHUNKS:
            raise FormatError("the chunks do not add up to the BEAM file")
        name, size = _HEADER.unpack_from(data, at)
        start = at + 8
        at = start + size + -size % 4
        if at > len(data):
            raise FormatError("a chunk ends after the BEAM file")
        if name in chunks:
            raise FormatError("a chunk is there twice")
        chunks[name] = Chunk(name, data[start : start + size])
    return tuple(chunks.values())


def build(chunks: tuple[Chunk, ...]) -> bytes:
    """Write a plain BEAM file of these chunks in this order."""
    body = [b"BEAM"]
    for chunk in chunks:
        size = len(chunk.data)
        body += [_HEADER.pack(chunk.name, size), chunk.data, bytes(-size % 4)]
    content = b"".join(body)
    return _HEADER.pack(b"FOR1", len(content)) + content


def strip(data: bytes, keep: Container[bytes] = ()) -> bytes:
    """Remove debug information, documentation and the compiler's notes from a module.

    Takes a BEAM file, plain or gzipped, and gives a plain one that is never longer than the
    plain form of the input. All other chunks stay, in their order, known or not, and so do those
    of these names in ``keep``. Raises FormatError for what is no well-formed BEAM file.
    """
    return build(tuple(c for c in parse(data) if c.name not in UNREAD or c.name in keep))


def is_protocol(data: bytes) -> bool:
    """Tell whether a module is an Elixir protocol, by the attribute that Elixir looks for.

    Raises FormatError for what is no well-formed BEAM file.
    """
    return any(chunk.name == b"Attr" and PROTOCOL in chunk.data for chunk in parse(data))


def digest(data: bytes) -> bytes:
    """Give the MD5 of a module as ``beam_lib:md5/1`` does; stripping does not change it.

    Raises FormatError for what is no BEAM file or lacks a chunk that every module has.
    """
    chunks = {chunk.name: chunk.data for chunk in parse(data)}
    if not chunks.keys() >= MANDATORY or chunks.keys().isdisjoint(DIGESTED[:2]):
        raise FormatError("the BEAM file lacks a chunk that every module has")
    if b"FunT" in chunks:
        chunks[b"FunT"] = _without_uniques(chunks[b"FunT"])
    significant = b"".join(chunks[name] for name in DIGESTED if name in chunks)
    return _md5(significant, usedforsecurity=False).digest()


def _without_uniques(table: bytes) -> bytes:
    """Zero the last word of each whole entry after the count, as ``beam_lib`` does."""
    out = bytearray(table)
    for end in range(4 + FUN_ENTRY, len(table) + 1, FUN_ENTRY):
        out[end - 4 : end] = bytes(4)
    return bytes(out)
