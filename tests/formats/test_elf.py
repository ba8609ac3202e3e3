"""elf.strip against small assembled files, and against the interpreter that runs the tests."""

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf import headers as elf
from slimmer.formats.elf.strip import strip
from tests.support.elves import (
    ALLOC,
    EXEC,
    NOBITS,
    NOTE,
    PROGBITS,
    RELA,
    STRTAB,
    Elf,
    Load,
    Part,
    library,
)

KINDS = pytest.mark.parametrize(("bits", "order"), list(itertools.product((32, 64), "<>")), ids=str)


def names(data: bytes) -> list[str]:
    return [section.name.decode() for section in elf.parse(data).sections]


def with_part(file: Elf, part: Part) -> bytes:
    file.parts.append(part)
    return file.build()


@KINDS
def test_symbols_and_comments_go_and_the_rest_moves_down(bits: int, order: str) -> None:
    data = library(bits, order).build()
    result = strip(data)
    assert len(data) > 0x5D00
    assert len(result) < 0x2600
    assert names(result) == ["", ".dynsym", ".text", "", "", ".dynstr", ".bss", ".shstrtab"]
    assert b"s" * 9 not in result
    assert b"n" * 9 not in result


@KINDS
def test_every_segment_keeps_address_bytes_and_alignment(bits: int, order: str) -> None:
    data = library(bits, order).build()
    result = strip(data)
    before, after = elf.parse(data), elf.parse(result)
    for old, new in zip(before.segments, after.segments, strict=True):
        assert (old.vaddr, old.paddr, old.filesz, old.memsz, old.flags, old.align) == (
            (new.vaddr, new.paddr, new.filesz, new.memsz, new.flags, new.align)
        )
        assert (old.offset - old.vaddr) % 4096 == (new.offset - new.vaddr) % 4096
    text, rest = before.segments[1], before.segments[2]
    assert after.segments[2].offset == 0x2010
    assert data[text.offset : text.end] in result
    assert result[0x2010 : 0x2010 + rest.filesz] == data[rest.offset : rest.end]


@KINDS
def test_sections_keep_their_numbers_and_links(bits: int, order: str) -> None:
    sections = elf.parse(strip(library(bits, order).build())).sections
    assert sections[1].link == 5
    assert (sections[5].name, sections[5].addr, sections[5].offset) == (b".dynstr", 0x9010, 0x2010)
    assert sections[6].size == 0x300


@KINDS
def test_stripping_again_changes_nothing(bits: int, order: str) -> None:
    once = strip(library(bits, order).build())
    assert strip(once) == once


def test_file_without_section_table_is_left_as_it_is() -> None:
    data = bytearray(library().build())
    data[40:48] = bytes(8)
    assert strip(bytes(data)) == data


def test_larger_alignment_holds_the_file_apart() -> None:
    file = library()
    file.loads[2].align = 0x4000  # 0x5010 may only come down to 0x1010, which is taken
    result = elf.parse(strip(file.build()))
    assert result.segments[2].offset == 0x5010


def test_pages_may_be_larger_on_other_processors() -> None:
    file = library(machine=183)
    for load in file.loads:
        load.align = 0x1000
    file.loads[2].vaddr = 0x15010  # congruent to 64 KiB, which some kernels need
    file.parts[4].addr, file.parts[5].addr = 0x15010, 0x15200
    assert elf.parse(strip(file.build())).segments[2].offset == 0x5010


def test_loaded_notes_stay_and_others_go() -> None:
    file = library()
    file.parts.append(Part(".note.gnu.build-id", 7, b"i" * 36, 0x480, ALLOC, 0x480))
    file.parts.append(Part(".gnu.build.attributes", 7, b"a" * 36, 0x6000))
    file.loads.append(Load(0x480, 0x480, 36, type=NOTE, align=4))
    result = strip(file.build())
    assert ".note.gnu.build-id" in names(result)
    assert ".gnu.build.attributes" not in names(result)


def test_program_headers_that_were_moved_stay_where_they_are() -> None:
    file = library(phoff=0x5110)
    data = file.build()
    result = elf.parse(strip(data))
    assert result.header.phoff == 0x5110  # kernels before 5.18 take it for their address
    assert len(strip(data)) < len(data)


def test_segment_without_bytes_keeps_its_place_modulo_the_page() -> None:
    file = library()
    file.loads.insert(3, Load(0x5C00, 0xBC00, 0, 0x800))
    result = elf.parse(strip(file.build()))
    assert result.segments[3].offset % 4096 == 0xC00
    assert result.segments[3].offset < 0x5C00


def test_offset_of_an_empty_note_means_nothing() -> None:
    file = library()
    file.loads.append(Load(0x5C00, 0, 0, type=NOTE, align=4))
    once = strip(file.build())
    assert len(once) < 0x5C00
    assert strip(once) == once


def test_section_table_inside_a_segment_is_rewritten_in_place() -> None:
    file = library(raw={})
    file.loads[2].filesz = file.loads[2].memsz = 0x500
    file.parts[5].at, file.parts[6].at = 0x5510, 0x5600
    data = Elf(file.parts, file.loads, shoff=0x5200).build()
    result = strip(data)
    parsed = elf.parse(result)
    assert parsed.header.shoff == 0x2200
    assert names(result) == ["", ".dynsym", ".text", "", "", ".dynstr", ".bss", ".shstrtab"]
    assert strip(result) == result


def test_section_table_that_patchelf_left_behind_is_no_obstacle() -> None:
    file = library()
    old = elf.parse(file.build())
    rows = b"".join(old.layout.pack_section(s, i * 7) for i, s in enumerate(old.sections))
    file.raw[0x4800] = rows
    assert len(strip(file.build())) < 0x2600


def test_relocations_of_static_programs_lose_only_their_symbols() -> None:
    file = library()
    file.parts.append(Part(".rela.plt", RELA, b"r" * 24, 0x500, ALLOC, 0x500, link=4, info=2))
    sections = elf.parse(strip(file.build())).sections
    assert [(s.link, s.info) for s in sections if s.name == b".rela.plt"] == [(0, 2)]


def test_padding_after_the_end_is_no_data() -> None:
    assert strip(library(tail=b"\0").build()) == strip(library().build())


REFUSED = {
    "neither an executable": library(type=1),
    "CUDA": library(machine=190),
    "appended": library(tail=b"PK\x05\x06"),
    "between its segments": library(raw={0x5100: b"x", 0x4800: b"payload"}),
    "share a page": library(loads=[Load(0, 0, 0x1500), Load(0x5010, 0x1510, 0x1F0)]),
    "not a power of two": library(loads=[Load(0, 0, 0x1500, align=3)]),
    "segment ends after": library(loads=[Load(0, 0, 0x1500), Load(0x5010, 0x9010, 0x90000)]),
    "no segments": library(loads=[]),
    "should be loaded": library(loads=[Load(0, 0, 0x1500)]),
    "more bytes in the file": library(loads=[Load(0, 0, 0x1500, 0x10)]),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_with_a_reason(reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        strip(REFUSED[reason].build())


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("readers are unknown: pydata", Part("pydata", PROGBITS, b"archive", 0x6000)),
        ("signed.*sha256_sig", Part(".sha256_sig", PROGBITS, b"1", 0x6000)),
        ("debug information", Part(".init", NOBITS, b"", 0x6000, ALLOC | EXEC, 0x1100)),
        ("checks its own", Part(".rodata", PROGBITS, b"OpenSSL FIPS Provider\0", 0x580, 2, 0x580)),
        ("edge of a segment", Part(".debug_info", PROGBITS, b"1" * 64, 0x5F0)),
        ("does not exist", Part(".hash", 5, b"1" * 8, 0x580, ALLOC, 0x580, link=99)),
        ("needs one that is not", Part(".hash", 5, b"1" * 8, 0x580, ALLOC, 0x580, link=4)),
        ("section ends after", Part(".stab", PROGBITS, b"", 0x6000, size=0x9000)),
    ],
    ids=lambda value: value.name if isinstance(value, Part) else None,
)
def test_refused_for_a_section(reason: str, part: Part) -> None:
    with pytest.raises(Refused, match=reason):
        strip(with_part(library(), part))


def test_section_table_over_loaded_bytes_is_refused() -> None:
    file = library(shoff=0x5200, raw={})
    file.loads[2].filesz = file.loads[2].memsz = 0x500
    file.parts[5].at, file.parts[6].at = 0x5510, 0x5600
    file.parts.append(Part(".got", PROGBITS, b"", 0x5300, ALLOC, 0x9300, size=0x40))
    with pytest.raises(Refused, match="overlaps"):
        strip(file.build())


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"MZ" * 99, library().build()[:60]])
def test_what_is_no_elf_file_is_a_format_error(data: bytes) -> None:
    with pytest.raises(FormatError):
        strip(data)


def test_names_share_their_tails() -> None:
    file = library()
    file.parts.append(Part(".rela.text", STRTAB, b"1" * 8, 0x580, ALLOC, 0x580))
    assert strip(file.build()).count(b".text\0") == 1


@pytest.fixture
def interpreter() -> Path:
    path = Path(sys.executable).resolve()
    if path.read_bytes()[:4] != b"\x7fELF":
        pytest.skip("the interpreter is no ELF file")
    return path


def test_the_interpreter_runs_after_it_was_stripped(interpreter: Path, tmp_path: Path) -> None:
    copy = tmp_path / "python"
    copy.write_bytes(strip(interpreter.read_bytes()))
    copy.chmod(0o755)
    env = {"PYTHONHOME": sys.base_prefix, "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"}
    run = [str(copy), "-c", "import math, json; print(json.dumps(math.factorial(20)))"]
    assert subprocess.run(run, env=env, capture_output=True, check=True).stdout == (
        b"2432902008176640000\n"
    )


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
@pytest.mark.skipif(not shutil.which("readelf"), reason="needs readelf")
def test_what_readelf_says_of_a_library_stays(tmp_path: Path) -> None:
    source, before, after = (tmp_path / name for name in ("f.c", "before.so", "after.so"))
    source.write_text("#include <stdio.h>\nint answer(void) { puts(__func__); return 42; }\n")
    subprocess.run(
        ["cc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", before, source], check=True
    )
    after.write_bytes(strip(before.read_bytes()))
    assert after.stat().st_size < before.stat().st_size
    for options in (["-d"], ["--dyn-syms"], ["-V"], ["-n"], ["-r"]):
        old, new = (_readelf(path, options) for path in (before, after))
        assert old == new, options
        assert new


def _readelf(path: Path, options: list[str]) -> str:
    done = subprocess.run(
        ["readelf", "-W", *options, path], check=True, capture_output=True, text=True
    )
    assert "arning" not in done.stderr
    return re.sub(r"(offset|Offset:) 0x[0-9a-f]+", "at", done.stdout)
