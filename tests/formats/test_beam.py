"""beam.strip against small assembled modules."""

import gzip
import hashlib
import struct

import pytest

from slimmer.formats import FormatError
from slimmer.formats.erlang import beam

MODULE = (
    beam.Chunk(b"AtU8", b"\0\0\0\1\5hello"),
    beam.Chunk(b"Code", b"code!"),
    beam.Chunk(b"StrT", b""),
    beam.Chunk(b"ImpT", b"\0\0\0\0"),
    beam.Chunk(b"ExpT", b"\0\0\0\0"),
    beam.Chunk(b"FunT", b"\0\0\0\1" + b"f" * 20 + b"uniq"),
    beam.Chunk(b"LocT", b"local"),
    beam.Chunk(b"Attr", b"attributes"),
    beam.Chunk(b"CInf", b"compiled by"),
    beam.Chunk(b"Dbgi", b"debug" * 99),
    beam.Chunk(b"Docs", b"words" * 99),
    beam.Chunk(b"ExCk", b"types"),
    beam.Chunk(b"Line", b"lines"),
    beam.Chunk(b"Mine", b"somebody's own"),
)


def names(data: bytes) -> list[bytes]:
    return [chunk.name for chunk in beam.parse(data)]


def test_what_nobody_runs_goes_and_the_unknown_stays() -> None:
    kept = [b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"Attr", b"Line", b"Mine"]
    assert names(beam.strip(beam.build(MODULE))) == kept


def test_debug_info_stays_where_it_is_wanted() -> None:
    assert b"Dbgi" in names(beam.strip(beam.build(MODULE), keep=beam.DEBUG_INFO))
    assert b"Docs" not in names(beam.strip(beam.build(MODULE), keep=beam.DEBUG_INFO))


def test_result_is_a_padded_form_of_the_size_it_states() -> None:
    result = beam.strip(beam.build(MODULE))
    assert struct.unpack_from(">4sI4s", result) == (b"FOR1", len(result) - 8, b"BEAM")
    assert len(result) % 4 == 0
    assert beam.parse(result) == tuple(c for c in MODULE if c.name in names(result))


def test_gzipped_module_becomes_the_same_plain_one() -> None:
    data = beam.build(MODULE)
    assert beam.strip(gzip.compress(data)) == beam.strip(data)


def test_stripping_again_changes_nothing() -> None:
    once = beam.strip(beam.build(MODULE))
    assert beam.strip(once) == once


def test_digest_takes_the_chunks_in_their_order_without_the_uniques() -> None:
    function = b"\0\0\0\1" + b"f" * 20 + bytes(4)
    significant = b"\0\0\0\1\5hello" + b"code!" + bytes(8) + function
    expected = hashlib.md5(significant, usedforsecurity=False).digest()
    assert beam.digest(beam.build(MODULE)) == expected
    assert beam.digest(beam.build(MODULE[::-1])) == expected
    assert beam.digest(beam.strip(beam.build(MODULE))) == expected


def test_digest_of_half_a_module_is_a_format_error() -> None:
    with pytest.raises(FormatError, match="lacks a chunk"):
        beam.digest(beam.build(MODULE[:1]))


WHOLE = beam.build(MODULE)
BROKEN = {
    "no FOR1 form": b"FOR1\0\0\0\4BEEF",
    "not the one that it states": WHOLE + b"more",
    "ends after": beam.build(MODULE[:1])[:16] + b"\xff" * 8 + beam.build(MODULE[:1])[24:],
    "add up": b"FOR1\0\0\0\6BEAMxx",
    "twice": beam.build((MODULE[0], MODULE[0])),
    "damaged": gzip.compress(WHOLE)[:40] + b"xx" + gzip.compress(WHOLE)[42:],
    "cut short": gzip.compress(WHOLE)[:-9],
    "after the gzip stream": gzip.compress(WHOLE) + b"more",
    "longer than a module": gzip.compress(bytes(beam.MAX_INFLATED + 1), 1),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_broken_module_is_a_format_error(reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        beam.strip(BROKEN[reason])
