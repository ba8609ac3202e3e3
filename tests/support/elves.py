"""Small ELF files, assembled field by field for any word size and byte order."""

import struct
from dataclasses import dataclass, field

LOAD, NOTE, GNU_STACK = 1, 4, 0x6474E551
PROGBITS, SYMTAB, STRTAB, RELA, DYNAMIC, NOBITS, DYNSYM = 1, 2, 3, 4, 6, 8, 11
ALLOC, EXEC = 2, 4


@dataclass
class Part:
    """A section's name, header fields and bytes; ``at`` is its place in the file."""

    name: str
    type: int
    data: bytes
    at: int
    flags: int = 0
    addr: int = 0
    link: int = 0
    info: int = 0
    align: int = 1
    size: int | None = None


@dataclass
class Load:
    """A program header."""

    offset: int
    vaddr: int
    filesz: int
    memsz: int | None = None
    align: int = 0x1000
    type: int = LOAD
    flags: int = 5


@dataclass
class Elf:
    """A file under construction."""

    parts: list[Part]
    loads: list[Load]
    bits: int = 64
    order: str = "<"
    type: int = 3
    machine: int = 62
    phoff: int | None = None
    shoff: int | None = None
    raw: dict[int, bytes] = field(default_factory=dict)
    tail: bytes = b""

    @property
    def sizes(self) -> tuple[int, int, int]:
        """The sizes of the three kinds of header."""
        return (64, 56, 64) if self.bits == 64 else (52, 32, 40)

    def build(self) -> bytes:
        """Give the bytes, the section names and the section table last unless placed."""
        ehsize, phsize, shsize = self.sizes
        names = b"\0" + b"".join(p.name.encode() + b"\0" for p in self.parts) + b".shstrtab\0"
        end = max(part.at + len(part.data) for part in self.parts)
        strings = Part(".shstrtab", STRTAB, names, end)
        parts = [*self.parts, strings]
        shoff = (end + len(names) + 7) // 8 * 8 if self.shoff is None else self.shoff
        phoff = ehsize if self.phoff is None else self.phoff
        out = bytearray(max(end + len(names), shoff + shsize * (len(parts) + 1)))
        for at, data in self.raw.items():
            out[at : at + len(data)] = data
        out[:ehsize] = self._ehdr(phoff, shoff, len(parts) + 1)
        for index, load in enumerate(self.loads):
            out[phoff + index * phsize : phoff + (index + 1) * phsize] = self._phdr(load)
        for index, part in enumerate(parts, 1):
            out[part.at : part.at + len(part.data)] = part.data
            row = self._shdr(part, names.index(b"\0" + part.name.encode() + b"\0") + 1)
            out[shoff + index * shsize : shoff + (index + 1) * shsize] = row
        return bytes(out) + self.tail

    def _ehdr(self, phoff: int, shoff: int, shnum: int) -> bytes:
        ident = b"\x7fELF" + bytes([self.bits // 32, 1 if self.order == "<" else 2, 1]) + bytes(9)
        a = "Q" if self.bits == 64 else "I"
        return ident + struct.pack(
            f"{self.order}HHI{a}{a}{a}IHHHHHH",
            *(self.type, self.machine, 1, 0x1000, phoff, shoff, 0),
            *(self.sizes[0], self.sizes[1], len(self.loads), self.sizes[2], shnum, shnum - 1),
        )

    def _phdr(self, x: Load) -> bytes:
        memsz = x.filesz if x.memsz is None else x.memsz
        middle = (x.offset, x.vaddr, x.vaddr, x.filesz, memsz)
        if self.bits == 64:
            return struct.pack(f"{self.order}IIQQQQQQ", x.type, x.flags, *middle, x.align)
        return struct.pack(f"{self.order}8I", x.type, *middle, x.flags, x.align)

    def _shdr(self, p: Part, name: int) -> bytes:
        a = "Q" if self.bits == 64 else "I"
        size = len(p.data) if p.size is None else p.size
        return struct.pack(
            f"{self.order}II{a}{a}{a}{a}II{a}{a}",
            *(name, p.type, p.flags, p.addr, p.at, size, p.link, p.info, p.align, 0),
        )


def library(bits: int = 64, order: str = "<", **changes: object) -> Elf:
    """Give a library as patchelf leaves it: code, symbols nobody loads, then data.

    The sections that are loaded have the numbers 1, 2, 5 and 6; 3, 4 and 7 are not.
    """
    parts = [
        Part(".dynsym", DYNSYM, b"d" * 48, 0x400, ALLOC, 0x400, link=5),
        Part(".text", PROGBITS, b"t" * 0x500, 0x1000, ALLOC | EXEC, 0x1000),
        Part(".comment", PROGBITS, b"c" * 64, 0x1500),
        Part(".symtab", SYMTAB, b"s" * 0x3000, 0x1800, link=7),
        Part(".dynstr", STRTAB, b"y" * 0x80, 0x5010, ALLOC, 0x9010),
        Part(".bss", NOBITS, b"", 0x5200, ALLOC, 0x9200, size=0x300),
        Part(".strtab", STRTAB, b"n" * 0x900, 0x5300),
    ]
    loads = [
        Load(0, 0, 0x600),
        Load(0x1000, 0x1000, 0x500),
        Load(0x5010, 0x9010, 0x1F0, 0x500),
        Load(0, 0, 0, 0, 16, GNU_STACK),
    ]
    raw = {0x5100: b"data" * 60}
    elf = Elf(parts, loads, bits, order, raw=raw)
    for name, value in changes.items():
        setattr(elf, name, value)
    return elf


def program(
    *needed: str,
    soname: str = "",
    runpath: str = "",
    rpath: str = "",
    versions: dict[str, tuple[str, ...]] | None = None,
    weak: bool = False,
    defines: tuple[str, ...] = (),
    interpreter: str = "",
    machine: int = 62,
    system: int = 0,
) -> bytes:
    """Give a 64-bit file that asks the loader for this, without any section header.

    ``versions`` are those that it needs of each library; ``defines`` those that it has.
    """
    strings = bytearray(b"\0")

    def text(value: str) -> int:
        strings.extend(value.encode() + b"\0")
        return len(strings) - len(value.encode()) - 1

    rows = [(1, text(name)) for name in needed]
    rows += [(tag, text(v)) for tag, v in ((14, soname), (29, runpath), (15, rpath)) if v]
    asked = versions or {}
    needs = b""
    for number, (library, names) in enumerate(asked.items(), 1):
        step = 16 + 16 * len(names) if number < len(asked) else 0
        needs += struct.pack("<HHIII", 1, len(names), text(library), 16, step)
        for place, name in enumerate(names, 1):
            last = place == len(names)
            needs += struct.pack("<IHHII", 0, 2 * weak, place + 1, text(name), 0 if last else 16)
    has = b""
    for number, name in enumerate(defines, 1):
        step = 28 if number < len(defines) else 0
        has += struct.pack("<HHHHIII", 1, 0, number, 1, 0, 20, step) + struct.pack(
            "<II", text(name), 0
        )
    phnum = 2 + bool(interpreter)
    at_interp = 64 + 56 * phnum
    at_strings = at_interp + len(interpreter) + 1
    at_needs = at_strings + len(strings)
    at_has = at_needs + len(needs)
    at_rows = at_has + len(has)
    rows += [(5, at_strings), (10, len(strings))]
    rows += [(0x6FFFFFFE, at_needs), (0x6FFFFFFF, len(asked))] if asked else []
    rows += [(0x6FFFFFFC, at_has), (0x6FFFFFFD, len(defines))] if defines else []
    dynamic = b"".join(struct.pack("<QQ", *row) for row in [*rows, (0, 0)])
    size = at_rows + len(dynamic)
    heads = [(LOAD, 0, size), (2, at_rows, len(dynamic))]
    heads += [(3, at_interp, len(interpreter) + 1)] if interpreter else []
    ident = b"\x7fELF" + bytes([2, 1, 1, system]) + bytes(8)
    out = ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, phnum, 0, 0, 0)
    for kind, start, length in heads:
        out += struct.pack("<IIQQQQQQ", kind, 5, start, start, start, length, length, 16)
    return out + interpreter.encode() + b"\0" + bytes(strings) + needs + has + dynamic
