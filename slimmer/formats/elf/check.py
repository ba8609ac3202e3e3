"""Doubts about an ELF file before it is rewritten, and the comparison after.

Source: System V ABI, chapters "Object Files" and "Program Loading".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from slimmer.formats import Refused
from slimmer.formats.elf import headers as elf
from slimmer.formats.elf.headers import Elf, Section, Segment
from slimmer.formats.elf.layout import Moves, is_in_file

# Device code in ELF: its driver, not a Unix loader, decides which sections it wants.
DEVICES: Final = {190: "CUDA", 224: "AMD GPU", 247: "BPF"}
SIGNATURE: Final = re.compile(rb"[._](sig|sign|signed|signature)($|[._])", re.IGNORECASE)
# OpenSSL's FIPS module compares a checksum of its whole file before it works at all.
CHECKS_ITSELF: Final = b"OpenSSL FIPS Provider\0"
PADDING: Final = 4096  # more zeros than this at the end may be room for something
PIECE: Final = 1 << 20


def shown(section: Section) -> str:
    """Give a section's name for a message."""
    return ascii(section.name[:40].decode("latin-1"))[1:-1] or "without a name"


def check_kind(data: bytes, file: Elf) -> None:
    """Raise Refused for a file whose use does not end with being loaded."""
    header = file.header
    if header.type not in (elf.ET_EXEC, elf.ET_DYN):
        raise Refused("it is neither an executable nor a shared library")
    if header.machine in DEVICES:
        raise Refused(f"it is {DEVICES[header.machine]} code, which its driver loads")
    if header.shstrndx == 0:
        raise Refused("its sections have no names")
    for section in file.sections:
        if SIGNATURE.search(section.name):
            raise Refused(f"it is signed: it has a section {shown(section)}")
        if section.type == elf.SHT_NOBITS and section.flags & elf.SHF_EXECINSTR:
            raise Refused("it holds the debug information of another file")
    if CHECKS_ITSELF in data:
        raise Refused("it checks its own bytes: it is OpenSSL's FIPS module")


def check_rest(data: bytes, file: Elf, moves: Moves) -> None:
    """Raise Refused for a file with bytes that no header accounts for."""
    known = [(block.start, block.end) for block in moves.blocks]
    known += [(s.offset, s.end) for s in file.sections if s.filesz]
    known.append(file.section_table)
    end = 0
    for start, stop in sorted(known):
        if start > end and not _explained(data, file, end, start):
            raise Refused("it has bytes between its segments that no header accounts for")
        end = max(end, stop)
    if len(data) - end > PADDING or data[end:].strip(b"\0"):
        raise Refused("data is appended to it")


def _explained(data: bytes, file: Elf, start: int, end: int) -> bool:
    """Whether a gap is padding or the table of sections that patchelf left for a new one."""
    first = next((at for at, piece in _pieces(data, start, end) if piece.strip(b"\0")), end)
    if first == end:
        return True
    gap = data[first:end]
    first, last = end - len(gap.lstrip(b"\0")), first + len(gap.rstrip(b"\0"))
    row, word = file.layout.shdr, file.layout.word
    table = first // word * word - row.size  # row 0 is all zeros, row 1 begins with a name
    count = -(-(last - table) // row.size)
    if table < start or table + count * row.size > end or count > elf.MAX_SECTIONS:
        return False
    rows = list(row.iter_unpack(data[table : table + count * row.size]))
    return any(kind == elf.SHT_STRTAB for _, kind, *_ in rows) and all(
        (kind or not name) and offset <= len(data) and link < count and align & (align - 1) == 0
        for name, kind, _, _, offset, _, link, _, align, _ in rows
    )


def check_table_in_place(file: Elf) -> None:
    """Raise Refused where the section table, inside a segment, overlaps what is in use."""
    start, end = file.section_table
    used = [(0, file.header.ehsize), file.program_table]
    used += [(s.offset, s.end) for s in file.sections if s.filesz]
    wholes = (elf.PT_LOAD, elf.PT_GNU_RELRO)  # they hold things, the others are things
    used += [(s.offset, s.end) for s in file.segments if s.type not in wholes]
    if any(low < end and start < high for low, high in used):
        raise Refused("its section table overlaps what is loaded")


def check_result(data: bytes, file: Elf, result: bytes) -> None:
    """Read the result again; raise Refused unless the loader sees what it saw before."""
    ours, was = elf.parse(result), file.header
    header = replace(ours.header, phoff=was.phoff, shoff=was.shoff)
    if replace(header, shnum=was.shnum, shstrndx=was.shstrndx) != was:
        raise Refused("its header would not survive")
    for old, new in zip(file.segments, ours.segments, strict=True):
        if not _same_header(old, new):
            raise Refused("its program headers would not survive")
        for start, end in _beside_tables(file, old):
            shift = new.offset - old.offset
            for at, piece in _pieces(data, start, end):
                if result[at + shift : at + shift + len(piece)] != piece:
                    raise Refused("its segments would not survive")


def _same_header(old: Segment, new: Segment) -> bool:
    congruent = not is_in_file(old) or (old.offset - new.offset) % max(1, old.align) == 0
    return congruent and replace(new, offset=old.offset) == old


def _beside_tables(file: Elf, segment: Segment) -> Iterator[tuple[int, int]]:
    """Give a segment's ranges of the file without the three tables of headers."""
    at = segment.offset
    tables = sorted([(0, file.header.ehsize), file.program_table, file.section_table])
    for start, end in [*tables, (segment.end, segment.end)]:
        if at < min(start, segment.end):
            yield at, min(start, segment.end)
        at = max(at, end)


def _pieces(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    for at in range(start, end, PIECE):
        yield at, data[at : min(end, at + PIECE)]
