"""Strip linked ELF files without touching what the loader sees.

What is not loaded goes, and the holes that it leaves are closed: whatever is loaded moves
down in the file as it is, by steps that keep every offset congruent to its address. No
address, size or byte of a segment changes, but for the three tables of headers themselves.

Source: System V ABI, chapter "Sections"; the names of unloaded sections are those that GNU
binutils, LLVM and annobin write.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from slimmer.formats import Refused
from slimmer.formats.elf import headers as elf
from slimmer.formats.elf.check import (
    check_kind,
    check_rest,
    check_result,
    check_table_in_place,
    shown,
)
from slimmer.formats.elf.headers import NO_SECTION, Elf, Section, Segment
from slimmer.formats.elf.layout import Moves, check_segments, moves

UNLOADED_TYPES: Final = frozenset(
    {
        elf.SHT_SYMTAB,
        elf.SHT_STRTAB,
        elf.SHT_RELA,
        elf.SHT_NOTE,
        elf.SHT_REL,
        elf.SHT_GROUP,
        elf.SHT_SYMTAB_SHNDX,
    }
)
# Read by linkers and debuggers only. What is named otherwise may have a reader at run time
# (a program's own archive, a compiler's metadata), so it is not ours to remove.
UNLOADED_NAMES: Final = re.compile(
    rb"\.(z?debug|gnu[._]|gdb_index|comment|stab|annobin|line$|GCC\.command\.line"
    rb"|ARM\.attributes|riscv\.attributes|pdr$|mdebug)"
)
NAMES: Final = b".shstrtab"


@dataclass(frozen=True, slots=True)
class Table:
    """The sections that stay, as they will be, and the row of the table of their names."""

    sections: tuple[Section, ...]
    names: int


def strip(data: bytes) -> bytes:
    """Remove what is not loaded from an executable or a shared library.

    Takes the file's bytes and gives fewer, or the same where nothing is to be gained.
    Raises FormatError for what is no ELF file and Refused for what must stay as it is:
    objects that a linker still reads, files with bytes behind or between what the headers
    describe, signed files, headers that contradict one another.
    """
    file = elf.parse(data)
    if not file.sections:
        return data
    check_kind(data, file)
    check_segments(file, len(data))
    plan = moves(file)
    table = _table(file, plan, len(data))
    check_rest(data, file, plan)
    result = _write(data, file, plan, table)
    check_result(data, file, result)
    return result if len(result) <= len(data) else data


def _table(file: Elf, plan: Moves, size: int) -> Table:
    """Choose the sections that stay.

    What goes leaves an empty row, since dynamic symbols name their sections by number.
    """
    loads = file.loads
    keep = [_stays(loads, section, plan, size) for section in file.sections]
    if keep[file.header.shstrndx]:
        raise Refused("its table of section names is loaded")
    last = max((index for index, stays in enumerate(keep) if stays), default=0)
    names = min(file.header.shstrndx, last + 1)
    rows = [
        _relinked(section, keep, plan) if keep[index] else NO_SECTION
        for index, section in enumerate(file.sections[: max(last, names) + 1])
    ]
    rows[names] = Section(NAMES, elf.SHT_STRTAB, 0, 0, 0, 0, 0, 0, 1, 0)
    return Table(tuple(rows), names)


def _stays(loads: tuple[Segment, ...], section: Section, plan: Moves, size: int) -> bool:
    if section.filesz == 0:
        return section.alloc and section.type != elf.SHT_NULL
    if section.end > size:
        raise Refused(f"a section ends after the file: {shown(section)}")
    inside = plan.holds(section.offset, section.end)
    if section.alloc and not _is_loaded(loads, section):
        raise Refused(f"a section that should be loaded is not: {shown(section)}")
    known = section.type in UNLOADED_TYPES or UNLOADED_NAMES.match(section.name)
    if not inside and not known:
        raise Refused(f"it has a section whose readers are unknown: {shown(section)}")
    return inside


def _is_loaded(loads: tuple[Segment, ...], section: Section) -> bool:
    return any(
        load.offset <= section.offset
        and section.end <= load.end
        and section.addr - load.vaddr == section.offset - load.offset
        for load in loads
    )


def _relinked(section: Section, keep: list[bool], plan: Moves) -> Section:
    """Move a section's offset and cut its links to sections that are gone."""
    link, info = section.link, section.info
    relocates = section.type in (elf.SHT_REL, elf.SHT_RELA)
    info_links = relocates or bool(section.flags & elf.SHF_INFO_LINK)
    if link >= len(keep) or (info_links and info >= len(keep)):
        raise Refused(f"a section refers to one that does not exist: {shown(section)}")
    if link and not keep[link]:
        # Static programs relocate without symbols; anything else needs what it links to.
        if not relocates:
            raise Refused(f"a section needs one that is not loaded: {shown(section)}")
        link = 0
    if info_links and not keep[info]:
        info = 0
    return replace(section, offset=plan.moved(section.offset), link=link, info=info)


def _write(data: bytes, file: Elf, plan: Moves, table: Table) -> bytes:
    strings, name_at = _string_table({section.name for section in table.sections})
    sections = list(table.sections)
    sections[table.names] = replace(sections[table.names], offset=plan.end, size=len(strings))
    rows = b"".join(file.layout.pack_section(s, name_at[s.name]) for s in sections)
    end = plan.end + len(strings)
    if plan.holds(*file.section_table):
        check_table_in_place(file)
        # It is never longer than it was: each row but that of the names was there.
        start, stop = file.section_table
        shoff, rows = plan.moved(start), rows.ljust(stop - start, b"\0")
        out = bytearray(end)
    else:
        shoff = end + -end % file.layout.word
        out = bytearray(shoff + len(rows))
    view = memoryview(data)
    for block, place in zip(plan.blocks, plan.places, strict=True):
        out[place : place + block.size] = view[block.start : block.end]
    out[plan.end : end] = strings
    out[shoff : shoff + len(rows)] = rows
    _write_headers(out, file, plan, shoff, Table(tuple(sections), table.names))
    return bytes(out)


def _write_headers(out: bytearray, file: Elf, plan: Moves, shoff: int, table: Table) -> None:
    layout, phoff = file.layout, plan.moved(file.header.phoff)
    header = replace(file.header, phoff=phoff, shoff=shoff)
    header = replace(header, shnum=len(table.sections), shstrndx=table.names)
    layout.ehdr.pack_into(out, 0, *header.fields())
    for index, segment in enumerate(file.segments):
        row = layout.pack_segment(replace(segment, offset=plan.moved(segment.offset)))
        at = phoff + index * len(row)
        out[at : at + len(row)] = row


def _string_table(names: set[bytes]) -> tuple[bytes, dict[bytes, int]]:
    """Pack names, each shared with the tail of a longer one where there is one."""
    table = bytearray(b"\0")
    offsets = {b"": 0}
    for name in sorted(names - {b""}, key=lambda name: (-len(name), name)):
        if name in offsets:
            continue
        for dot in re.finditer(rb"\.", name):
            tail = name[dot.start() :]
            if tail in names:
                offsets.setdefault(tail, len(table) + dot.start())
        offsets.setdefault(name, len(table))
        table += name + b"\0"
    return bytes(table), offsets
