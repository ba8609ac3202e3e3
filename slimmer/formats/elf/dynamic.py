"""What an ELF file asks of the loader: libraries, versions of their symbols, and where to look.

Only program headers are followed, as the loader does, and only the blocks of the file that they
lead to are read: a library of 100 MB costs a few KiB. Source: System V ABI, chapters "Program
Loading" and "Dynamic Linking"; ``ld.so(8)``; for versions, Drepper's "ELF Symbol Versioning".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.headers import LAYOUTS, MAX_SEGMENTS, PT_LOAD, Header, Layout

PT_DYNAMIC: Final = 2
PT_INTERP: Final = 3
DT_NULL: Final = 0
DT_NEEDED: Final = 1
DT_STRTAB: Final = 5
DT_STRSZ: Final = 10
DT_SONAME: Final = 14
DT_RPATH: Final = 15
DT_RUNPATH: Final = 29
DT_VERDEF: Final = 0x6FFFFFFC
DT_VERNEED: Final = 0x6FFFFFFE
VER_FLG_BASE: Final = 1
VER_FLG_WEAK: Final = 2

BLOCK_BYTES: Final = 4_096
MAX_OFFSET: Final = 1 << 62  # more than any file has, less than any system refuses
MAX_ENTRIES: Final = 10_000  # of the dynamic section, and of versions; real ones have hundreds
MAX_STRING_BYTES: Final = 4_096  # PATH_MAX of Linux; a search path is no longer in practice

Part = Callable[[int, int], bytes]  # offset and size in bytes -> what the file has there


@dataclass(frozen=True, slots=True)
class Dynamic:
    """What the loader reads of a file.

    ``search`` are the folders of RUNPATH, or else of RPATH, which is looked into before all
    others (``search_first``). ``versions`` are pairs of a library and a version of its
    symbols that must be there; ``defines`` are the versions that the file itself has.
    ``machine`` and ``system`` are e_machine and EI_OSABI as they stand in the header.
    """

    needed: tuple[str, ...] = ()
    soname: str = ""
    search: tuple[str, ...] = ()
    search_first: bool = False
    versions: tuple[tuple[str, str], ...] = ()
    defines: tuple[str, ...] = ()
    interpreter: str = ""
    machine: int = 0
    system: int = 0


def parse_dynamic(data: bytes) -> Dynamic:
    """Return what ``read_dynamic`` does for a file that is in memory."""
    return read_dynamic(lambda start, size: data[start : start + size])


def read_dynamic(part: Part) -> Dynamic:
    """Return what an ELF file asks of the loader; little where it has no dynamic section.

    Raises FormatError where it is no ELF file or broken, and Refused for program headers of
    a form that linked files do not have.
    """
    return _File(part).dynamic()


def read_interpreter(part: Part) -> str:
    """Return the program that starts an ELF file; "" for one that needs none.

    No more is read than what the kernel reads. Raises as ``read_dynamic`` does.
    """
    return _File(part).interpreter()


def read_interpreter_place(part: Part) -> tuple[int, int] | None:
    """Return where that path stands in the file, and its size in bytes, NULs at its end counted.

    None for a file that needs none. Raises as ``read_dynamic`` does.
    """
    return _File(part).interpreter_place()


class _File:
    """An ELF file, read block by block, none of them twice."""

    def __init__(self, part: Part):
        self._part = part
        self._blocks: dict[int, bytes] = {}
        ident = self.at(0, 16)
        layout = LAYOUTS.get((ident[4], ident[5])) if ident[:4] == b"\x7fELF" else None
        if layout is None or ident[6] != 1:
            raise FormatError("not an ELF file: its magic, class or byte order is unknown")
        self._layout: Layout = layout
        self._header = Header(*layout.ehdr.unpack(self.at(0, layout.ehdr.size)))
        self._order: Literal["little", "big"] = "little" if ident[5] == 1 else "big"
        self._segments = list(self._read_segments())

    def at(self, start: int, size: int) -> bytes:
        """Return exactly these bytes of the file, or raise FormatError."""
        if start + size > MAX_OFFSET:
            raise FormatError("something that the loader reads is at an impossible offset")
        first, last = start // BLOCK_BYTES, (start + max(size, 1) - 1) // BLOCK_BYTES
        for block in range(first, last + 1):
            if block not in self._blocks:
                self._blocks[block] = self._part(block * BLOCK_BYTES, BLOCK_BYTES)
            if len(self._blocks[block]) < BLOCK_BYTES:
                break
        joined = b"".join(self._blocks.get(block, b"") for block in range(first, last + 1))
        found = joined[start - first * BLOCK_BYTES :][:size]
        if len(found) < size:
            raise FormatError("something that the loader reads ends after the file")
        return found

    def dynamic(self) -> Dynamic:
        entries = self._entries()
        facts = dict(reversed(entries))
        strings = _Strings(self, *self._table(facts))
        texts = {
            tag: [strings.text(value) for found, value in entries if found == tag]
            for tag in (DT_NEEDED, DT_SONAME, DT_RPATH, DT_RUNPATH)
        }
        search = texts[DT_RUNPATH] or texts[DT_RPATH]
        return Dynamic(
            needed=tuple(texts[DT_NEEDED]),
            soname=next(iter(texts[DT_SONAME]), ""),
            search=tuple(folder for text in search for folder in text.split(":") if folder),
            search_first=bool(texts[DT_RPATH]) and not texts[DT_RUNPATH],
            versions=tuple(self._needed_versions(facts, strings)),
            defines=tuple(self._defined_versions(facts, strings)),
            interpreter=self.interpreter(),
            machine=self._header.machine,
            system=self._header.ident[7],
        )

    def _read_segments(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield type, offset, address and size in the file of each segment."""
        header, layout = self._header, self._layout
        if header.phnum and (header.phentsize != layout.phdr.size or header.phnum > MAX_SEGMENTS):
            raise Refused("its program headers have an unusual size or number")
        table = self.at(header.phoff, layout.phdr.size * header.phnum) if header.phnum else b""
        for row in layout.phdr.iter_unpack(table):
            kind, rest = row[0], row[2:] if layout.word == 8 else row[1:]
            yield kind, rest[0], rest[1], rest[3]

    def _entries(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for kind, offset, _, size in self._segments:
            if kind != PT_DYNAMIC:
                continue
            word = self._layout.word
            pair = Struct(("<" if self._order == "little" else ">") + "2" + ("I", "Q")[word == 8])
            size = min(size, MAX_ENTRIES * pair.size) // pair.size * pair.size
            for tag, value in pair.iter_unpack(self.at(offset, size)):
                if tag == DT_NULL:
                    break
                found.append((tag, value))
            break
        return found

    def _table(self, facts: dict[int, int]) -> tuple[int, int]:
        """Return the place and size of the table of strings."""
        if DT_STRTAB not in facts:
            return 0, 0
        size = facts.get(DT_STRSZ, 0)
        return self._place(facts[DT_STRTAB], size), size

    def _place(self, address: int, size: int) -> int:
        """Return where in the file the bytes lie that are mapped to an address."""
        for kind, offset, start, filesz in self._segments:
            if kind == PT_LOAD and start <= address and address + size <= start + filesz:
                return offset + address - start
        raise FormatError("a table that the loader reads is not in the file")

    def _needed_versions(
        self, facts: dict[int, int], strings: "_Strings"
    ) -> Iterator[tuple[str, str]]:
        left = MAX_ENTRIES  # over all libraries: a hostile file might lead to the same ones again
        for place, count, name, auxiliary in self._chain(facts, DT_VERNEED, "HHIII", (1, 2, 3)):
            library = strings.text(name)
            for _ in range(min(count, left)):
                left -= 1
                _, flags, _, version, step = self._unpack("IHHII", place + auxiliary)
                if not flags & VER_FLG_WEAK:
                    yield library, strings.text(version)
                if not step:
                    break
                auxiliary += step

    def _defined_versions(self, facts: dict[int, int], strings: "_Strings") -> Iterator[str]:
        for place, flags, _, auxiliary in self._chain(facts, DT_VERDEF, "HHHHIII", (1, 3, 5)):
            if not flags & VER_FLG_BASE:
                yield strings.text(self._unpack("II", place + auxiliary)[0])

    def _chain(
        self, facts: dict[int, int], tag: int, form: str, wanted: tuple[int, int, int]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Yield place and three fields of each record, the last field leading to the next."""
        if tag not in facts:
            return
        place = self._place(facts[tag], Struct("<" + form).size)
        for _ in range(min(facts.get(tag + 1, 0), MAX_ENTRIES)):
            fields = self._unpack(form, place)
            one, two, three = (fields[index] for index in wanted)
            yield place, one, two, three
            if not fields[-1]:
                return
            place += fields[-1]

    def _unpack(self, form: str, place: int) -> tuple[int, ...]:
        struct = Struct(("<" if self._order == "little" else ">") + form)
        return struct.unpack(self.at(place, struct.size))

    def interpreter(self) -> str:
        place = self.interpreter_place()
        raw = self.at(*place) if place else b""
        return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")

    def interpreter_place(self) -> tuple[int, int] | None:
        for kind, offset, _, size in self._segments:
            if kind == PT_INTERP:
                return offset, min(size, MAX_STRING_BYTES)
        return None


class _Strings:
    """The table of strings, of which only those that are asked for are read."""

    def __init__(self, file: _File, start: int, size: int):
        self._file = file
        self._start = start
        self._size = size

    def text(self, at: int) -> str:
        """Return the string at an offset; FormatError where it is not in the table."""
        found = b""
        while at + len(found) < self._size and len(found) < MAX_STRING_BYTES:
            wanted = min(64 + len(found), self._size - at - len(found))
            found += self._file.at(self._start + at + len(found), wanted)
            if b"\0" in found:
                return found.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        raise FormatError("a dynamic string is not in its table, or has no end")
