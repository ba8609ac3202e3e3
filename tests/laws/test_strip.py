"""Stripped files load as before, are never longer, and stripping them again changes nothing."""

import gzip
import sysconfig
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf import headers as elf
from slimmer.formats.elf import strip as elf_strip
from slimmer.formats.erlang import beam
from tests.support.elves import library

LIBRARIES = [library(bits, order).build() for bits in (32, 64) for order in "<>"]
LIBRARIES.append(library(phoff=0x5110).build())
OWN = sorted(Path(sysconfig.get_path("platstdlib"), "lib-dynload").glob("*linux*.so"))
LIBRARIES += [min((path.read_bytes() for path in OWN), key=len)] if OWN else []
# By number: a drawn file is far too long to be shown when a law fails.
libraries = st.integers(0, len(LIBRARIES) - 1).map(lambda index: LIBRARIES[index])
NAMES = (b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"Dbgi", b"Docs", b"Attr", b"Odd!")

modules = (
    st.lists(st.sampled_from(NAMES), unique=True)
    .flatmap(
        lambda names: st.tuples(
            *(st.builds(beam.Chunk, st.just(n), st.binary(max_size=60)) for n in names)
        )
    )
    .map(beam.build)
)
numbers = st.sampled_from(
    [0, 1, 8, 64, 0xFFF, 0x1000, 0x5000, 0x7FFFFFFF, 2**32 - 1, 2**63, 2**64 - 1]
)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Change some fields, mostly where the headers are, and sometimes the length."""
    data = bytearray(draw(whole))
    places = [
        range(min(len(data), 0x140)),
        range(max(0, len(data) - 640), len(data)),
        range(len(data)),
    ]
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(draw(st.sampled_from([p for p in places if p]))))
        width = draw(st.sampled_from([1, 2, 4, 8]))
        number = draw(numbers | st.integers(0, 2**16)) % (1 << 8 * width)
        start = place // width * width
        data[start : start + width] = number.to_bytes(
            width, "big" if draw(st.booleans()) else "little"
        )
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data)


def memory(data: bytes, tables: elf.Elf) -> list[tuple[object, ...]]:
    """What a loader makes of a file, without its tables of headers."""
    file = elf.parse(data)
    out: list[tuple[object, ...]] = []
    ranges = [(0, tables.header.ehsize), tables.program_table, tables.section_table]
    for was, now in zip(tables.segments, file.segments, strict=True):
        body = bytearray(data[now.offset : now.end])
        for start, end in ranges:
            low, high = max(0, start - was.offset), min(len(body), end - was.offset)
            if low < high:
                body[low:high] = bytes(high - low)
        aligned = (now.offset - now.vaddr) % max(4096, now.align) if now.type == 1 else 0
        out.append((now.type, now.flags, now.vaddr, now.paddr, now.memsz, aligned, bytes(body)))
    return out


def outcome(strip: Callable[[bytes], bytes], data: bytes) -> bytes | None:
    try:
        return strip(data)
    except (FormatError, Refused):
        return None


@settings(max_examples=600, deadline=None)
@given(damaged(libraries) | libraries)
def test_elf_loads_as_before_or_is_refused(data: bytes) -> None:
    result = outcome(elf_strip.strip, data)
    if result is not None:
        assert len(result) <= len(data)
        assert elf_strip.strip(result) == result
        tables = elf.parse(data)
        assert memory(result, tables) == memory(data, tables)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"\x7fELF\1\1\1", b"\x7fELF\2\2\1"]))
def test_arbitrary_bytes_are_no_trouble_to_elf(data: bytes, start: bytes) -> None:
    outcome(elf_strip.strip, start + data)


@settings(max_examples=200, deadline=None)
@given(modules)
def test_modules_keep_what_runs(data: bytes) -> None:
    result = beam.strip(data)
    assert len(result) <= len(data)
    assert beam.strip(result) == result == beam.strip(gzip.compress(data))
    assert beam.parse(result) == tuple(c for c in beam.parse(data) if c.name not in beam.UNREAD)


@settings(max_examples=200, deadline=None)
@given(damaged(modules) | damaged(modules.map(gzip.compress)) | st.binary(max_size=200))
def test_damaged_modules_give_a_result_or_a_format_error(data: bytes) -> None:
    try:
        result = beam.strip(data)
    except FormatError:
        return
    assert len(result) <= len(beam.plain(data))
    assert beam.strip(result) == result
