"""What an ELF file asks of the loader: the libraries that it needs, and where they are looked for.

Source: System V ABI, chapter "Dynamic Linking"; ``ld.so(8)`` for the order of the search.
"""

from dataclasses import dataclass
from typing import Final, Literal

from slimmer.formats import FormatError
from slimmer.formats.elf import Elf, parse

PT_DYNAMIC: Final = 2
DT_NULL: Final = 0
DT_NEEDED: Final = 1
DT_STRTAB: Final = 5
DT_STRSZ: Final = 10
DT_SONAME: Final = 14
DT_RPATH: Final = 15
DT_RUNPATH: Final = 29

MAX_ENTRIES: Final = 10_000
MAX_STRING_BYTES: Final = 4_096  # PATH_MAX of Linux; a search path is no longer in practice


@dataclass(frozen=True, slots=True)
class Dynamic:
    """The names of needed libraries, the own SONAME, and the folders that are searched first."""

    needed: tuple[str, ...] = ()
    soname: str = ""
    search: tuple[str, ...] = ()


def parse_dynamic(data: bytes) -> Dynamic:
    """Return what the dynamic section of an ELF file says; nothing where it has none.

    Raises FormatError where it is broken, and Refused as ``elf.parse`` does.
    """
    elf = parse(data)
    entries = _entries(data, elf)
    strings = _strings(data, elf, entries)
    texts = {
        tag: [_text(strings, value) for found, value in entries if found == tag]
        for tag in (DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH)
    }
    search = texts[DT_RUNPATH] or texts[DT_RPATH]
    folders = tuple(folder for text in search for folder in text.split(":") if folder)
    return Dynamic(tuple(texts[DT_NEEDED]), next(iter(texts[DT_SONAME]), ""), folders)


def _entries(data: bytes, elf: Elf) -> list[tuple[int, int]]:
    segment = next((s for s in elf.segments if s.type == PT_DYNAMIC), None)
    if segment is None:
        return []
    if segment.end > len(data):
        raise FormatError("the dynamic section ends after the file")
    word, order = elf.layout.word, _order(elf)
    found: list[tuple[int, int]] = []
    for place in range(segment.offset, segment.end - 2 * word + 1, 2 * word):
        tag = int.from_bytes(data[place : place + word], order)
        if tag == DT_NULL or len(found) >= MAX_ENTRIES:
            break
        found.append((tag, int.from_bytes(data[place + word : place + 2 * word], order)))
    return found


def _order(elf: Elf) -> Literal["little", "big"]:
    return "little" if elf.header.ident[5] == 1 else "big"


def _strings(data: bytes, elf: Elf, entries: list[tuple[int, int]]) -> bytes:
    """Return the table of strings, found in the segment that maps its address."""
    facts = dict(entries)
    if DT_STRTAB not in facts:
        return b""
    address, size = facts[DT_STRTAB], facts.get(DT_STRSZ, 0)
    for load in elf.loads:
        if load.vaddr <= address and address + size <= load.vaddr + load.filesz:
            start = load.offset + address - load.vaddr
            if start + size <= len(data):
                return data[start : start + size]
    raise FormatError("the table of dynamic strings is not in the file")


def _text(strings: bytes, at: int) -> str:
    stop = strings.find(b"\0", at, at + MAX_STRING_BYTES)
    if at >= len(strings) or stop < 0:
        raise FormatError("a dynamic string is not in its table, or has no end")
    return strings[at:stop].decode("utf-8", "surrogateescape")
