"""ELF files: headers in, headers out, for both word sizes and both byte orders.

Source: System V Application Binary Interface, edition 4.1 and its gABI updates, chapters
"Object Files" and "Program Loading"; the GNU additions as glibc's ``elf.h`` names them.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from slimmer.formats import FormatError, Refused

ET_EXEC: Final = 2
ET_DYN: Final = 3

PT_LOAD: Final = 1
PT_GNU_RELRO: Final = 0x6474E552

SHT_NULL: Final = 0
SHT_SYMTAB: Final = 2
SHT_STRTAB: Final = 3
SHT_RELA: Final = 4
SHT_NOTE: Final = 7
SHT_NOBITS: Final = 8
SHT_REL: Final = 9
SHT_GROUP: Final = 17
SHT_SYMTAB_SHNDX: Final = 18

SHF_ALLOC: Final = 0x2
SHF_EXECINSTR: Final = 0x4
SHF_INFO_LINK: Final = 0x40

# Linked files have some tens of each; the bounds keep hostile ones cheap.
MAX_SEGMENTS: Final = 256
MAX_SECTIONS: Final = 10_000
MAX_NAME: Final = 256


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header: what the loader maps, or finds inside what it maps."""

    type: int
    flags: int
    offset: int
    vaddr: int
    paddr: int
    filesz: int
    memsz: int
    align: int

    @property
    def end(self) -> int:
        """The file offset after its last byte."""
        return self.offset + self.filesz


@dataclass(frozen=True, slots=True)
class Section:
    """A section header, its name looked up (empty where there are no names)."""

    name: bytes
    type: int
    flags: int
    addr: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entsize: int

    @property
    def alloc(self) -> bool:
        """Whether it is part of the running program."""
        return bool(self.flags & SHF_ALLOC)

    @property
    def filesz(self) -> int:
        """How many bytes it has in the file."""
        return 0 if self.type in (SHT_NOBITS, SHT_NULL) else self.size

    @property
    def end(self) -> int:
        """The file offset after its last byte."""
        return self.offset + self.filesz


NO_SECTION: Final = Section(b"", SHT_NULL, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one word size and byte order writes the three kinds of header."""

    word: int
    ehdr: Struct
    phdr: Struct
    shdr: Struct

    def pack_segment(self, s: Segment) -> bytes:
        """Give the program header's bytes."""
        if self.word == 8:
            return self.phdr.pack(
                s.type, s.flags, s.offset, s.vaddr, s.paddr, s.filesz, s.memsz, s.align
            )
        return self.phdr.pack(
            s.type, s.offset, s.vaddr, s.paddr, s.filesz, s.memsz, s.flags, s.align
        )

    def pack_section(self, s: Section, name: int) -> bytes:
        """Give the section header's bytes; ``name`` is the offset of its name."""
        rest = (s.flags, s.addr, s.offset, s.size, s.link, s.info, s.align, s.entsize)
        return self.shdr.pack(name, s.type, *rest)


def _layouts() -> dict[tuple[int, int], Layout]:
    return {
        (bits, order): Layout(
            word,
            Struct(f"{mark}16sHHI{address * 3}IHHHHHH"),
            Struct(f"{mark}{program}"),
            Struct(f"{mark}II{address * 4}II{address * 2}"),
        )
        for bits, word, address, program in ((1, 4, "I", "8I"), (2, 8, "Q", "IIQQQQQQ"))
        for order, mark in ((1, "<"), (2, ">"))
    }


LAYOUTS: Final = _layouts()  # by EI_CLASS and EI_DATA


@dataclass(frozen=True, slots=True)
class Header:
    """The ELF header, field by field in the order of the file."""

    ident: bytes
    type: int
    machine: int
    version: int
    entry: int
    phoff: int
    shoff: int
    flags: int
    ehsize: int
    phentsize: int
    phnum: int
    shentsize: int
    shnum: int
    shstrndx: int

    def fields(self) -> tuple[bytes | int, ...]:
        """Give all fields in the order in which they are packed."""
        numbers = (self.type, self.machine, self.version, self.entry, self.phoff, self.shoff)
        sizes = (self.ehsize, self.phentsize, self.phnum, self.shentsize, self.shnum)
        return (self.ident, *numbers, self.flags, *sizes, self.shstrndx)


@dataclass(frozen=True, slots=True)
class Elf:
    """The headers of an ELF file."""

    layout: Layout
    header: Header
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]

    @property
    def loads(self) -> tuple[Segment, ...]:
        """The segments that become memory."""
        return tuple(s for s in self.segments if s.type == PT_LOAD)

    @property
    def program_table(self) -> tuple[int, int]:
        """The file range of the program headers."""
        start = self.header.phoff
        return start, start + len(self.segments) * self.layout.phdr.size

    @property
    def section_table(self) -> tuple[int, int]:
        """The file range of the section headers."""
        start = self.header.shoff
        return start, start + len(self.sections) * self.layout.shdr.size


def parse(data: bytes) -> Elf:
    """Read the headers of an ELF file.

    Raises FormatError where the bytes are no ELF file or are cut short, and Refused for
    tables of a form that linked files do not have (foreign entry sizes, extended counts).
    """
    if data[:4] != b"\x7fELF":
        raise FormatError("not an ELF file: no ELF magic")
    layout = LAYOUTS.get((data[4], data[5])) if len(data) >= 16 else None
    if layout is None or data[6] != 1:
        raise FormatError("not an ELF file: its class, byte order or version is unknown")
    if len(data) < layout.ehdr.size:
        raise FormatError("the ELF header is cut short")
    header = Header(*layout.ehdr.unpack_from(data))
    if header.version != 1 or header.ehsize != layout.ehdr.size:
        raise FormatError("the ELF header has an unknown version or size")
    segments = _segments(data, layout, header)
    return Elf(layout, header, segments, _sections(data, layout, header))


def _segments(data: bytes, layout: Layout, header: Header) -> tuple[Segment, ...]:
    if header.phnum == 0:
        return ()
    if header.phentsize != layout.phdr.size or header.phnum > MAX_SEGMENTS:
        raise Refused("its program headers have an unusual size or number")
    rows = layout.phdr.iter_unpack(_table(data, header.phoff, layout.phdr.size * header.phnum))
    if layout.word == 8:
        return tuple(Segment(*row) for row in rows)
    return tuple(
        Segment(kind, flags, offset, vaddr, paddr, filesz, memsz, align)
        for kind, offset, vaddr, paddr, filesz, memsz, flags, align in rows
    )


def _sections(data: bytes, layout: Layout, header: Header) -> tuple[Section, ...]:
    if header.shoff == 0:
        return ()
    if header.shentsize != layout.shdr.size or not 0 < header.shnum <= MAX_SECTIONS:
        raise Refused("its section headers have an unusual size or number")
    rows = list(
        layout.shdr.iter_unpack(_table(data, header.shoff, layout.shdr.size * header.shnum))
    )
    if header.shstrndx >= header.shnum:
        raise FormatError("the table of section names is not a section")
    names = Section(b"", *rows[header.shstrndx][1:]) if header.shstrndx else NO_SECTION
    if names.end > len(data):
        raise FormatError("the table of section names ends after the file")
    return tuple(Section(_name(data, names, row[0]), *row[1:]) for row in rows)


def _name(data: bytes, names: Section, at: int) -> bytes:
    if names.filesz == 0 or at == 0:
        return b""
    start = names.offset + at
    stop = data.find(b"\0", start, min(names.end, start + MAX_NAME))
    if stop < 0:
        raise FormatError("a section's name is not in the table of names, or has no end")
    return data[start:stop]


def _table(data: bytes, start: int, size: int) -> bytes:
    if start + size > len(data):
        raise FormatError("a table of headers ends after the file")
    return data[start : start + size]
