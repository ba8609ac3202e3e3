"""The libraries that kept programs need come back, from where the loader would take them."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import Dynamic, parse_dynamic
from tests.support.decide import decide, dropped
from tests.support.elves import ALLOC, DYNAMIC, STRTAB, Load, Part, library, program
from tests.support.natives import Zip, said

NEEDED, SONAME, RUNPATH = 1, 14, 29
PT_DYNAMIC = 2


def linked(*needed: str, runpath: str = "", bits: int = 64, order: str = "<") -> bytes:
    """A library with a dynamic section that asks for others."""
    strings = b"\0"
    entries: list[tuple[int, int]] = []
    for tag, text in [(NEEDED, name) for name in needed] + [(RUNPATH, runpath)] * bool(runpath):
        entries.append((tag, len(strings)))
        strings += text.encode() + b"\0"
    strings += bytes(0x80 - len(strings))
    entries += [(5, 0x9010), (10, len(strings)), (0, 0)]
    word = bits // 8
    code = {4: "I", 8: "Q"}[word]
    rows = b"".join(struct.pack(f"{order}2{code}", *entry) for entry in entries)
    elf = library(bits, order)
    parts = [p for p in elf.parts if p.name != ".dynstr"]
    parts.append(Part(".dynstr", STRTAB, strings, 0x5010, ALLOC, 0x9010))
    parts.append(Part(".dynamic", DYNAMIC, rows, 0x5090, ALLOC, 0x9090))
    elf.parts = parts
    elf.loads.append(Load(0x5090, 0x9090, len(rows), type=PT_DYNAMIC))
    return elf.build()


def decided(
    files: dict[str, bytes],
    drop: str,
    links: dict[str, str] | None = None,
    beside: tuple[Zip, ...] = (),
    prefix: str = "",
) -> Decision:
    place = Deployment(siblings=beside)
    own = ("native",)
    return decide(files, links, drop=drop, packs=(), deployment=place, prefix=prefix, guards=own)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_dynamic_section_is_read_in_every_form(bits: int, order: str) -> None:
    data = linked("liba.so.1", "libb.so", runpath="$ORIGIN/../x:/y", bits=bits, order=order)
    assert parse_dynamic(data) == Dynamic(
        ("liba.so.1", "libb.so"), "", ("$ORIGIN/../x", "/y"), machine=62
    )


def test_a_needed_library_comes_back_and_the_report_says_for_whom() -> None:
    files = {"lib/app.so": linked("liba.so.1"), "lib/liba.so.1": b"", "lib/libb.so": b""}
    decision = decided(files, "liba.so.1 libb.so")
    assert dropped(decision) == {"lib/libb.so"}
    assert [r.chain for r in decision.rescues] == ["lib/app.so needs liba.so.1"]


def test_what_comes_back_brings_what_it_needs() -> None:
    files = {"app.so": linked("liba.so"), "liba.so": linked("libb.so"), "libb.so": b""}
    assert dropped(decided(files, "lib*.so")) == set()


def test_what_only_dropped_programs_need_stays_dropped() -> None:
    files = {"app.so": linked(), "liba.so": linked("libb.so"), "libb.so": b""}
    assert dropped(decided(files, "lib*.so")) == {"liba.so", "libb.so"}


def test_the_one_in_the_programs_own_search_path_comes_back() -> None:
    files = {
        "a/app.so": linked("libx.so", runpath="$ORIGIN/../b"),
        "b/libx.so": b"1",
        "c/libx.so": b"2",
        "kept/libx.so": b"3",
    }
    assert dropped(decided(files, "/b/libx.so /c/libx.so")) == {"c/libx.so"}


def test_one_that_is_kept_elsewhere_is_enough_without_a_search_path() -> None:
    files = {"a/app.so": linked("libx.so"), "b/libx.so": b"", "lib/libx.so": b""}
    assert dropped(decided(files, "/b/libx.so")) == {"b/libx.so"}


def test_a_link_comes_back_with_what_it_leads_to() -> None:
    files = {"app.so": linked("libx.so.1"), "libx.so.1.2.3": b""}
    links = {"libx.so.1": "libx.so.1.2", "libx.so.1.2": "libx.so.1.2.3"}
    assert dropped(decided(files, "libx.so.*", links)) == set()


def test_a_program_that_cannot_be_understood_asks_for_nothing() -> None:
    files = {"app.so": linked("libx.so")[:300], "libx.so": b""}
    assert dropped(decided(files, "libx.so")) == {"libx.so"}


def test_what_a_program_beside_needs_comes_back() -> None:
    function = Zip("function.zip", {"app.so": linked("liba.so"), "notes.txt": b"liba.so"})
    decision = decided({"lib/liba.so": b"", "x": b""}, "/lib/*", beside=(function,))
    assert dropped(decision) == set()
    assert [r.chain for r in decision.rescues] == ["function.zip: app.so needs liba.so"]


def test_a_search_path_under_opt_is_one_of_the_tree() -> None:
    app = linked("libx.so", runpath="/opt/b")
    files = {"app.so": app, "b/libx.so": b"1", "c/libx.so": b"2", "kept/libx.so": b"3"}
    assert dropped(decided(files, "/b/libx.so /c/libx.so")) == {"c/libx.so"}


@pytest.mark.parametrize(
    "line", [b"#!/opt/bin/run", b"#! /var/task/bin/run -x\n", b"#!/opt/bin/run\n" + b"x" * 9000]
)
def test_the_interpreter_of_a_script_comes_back(line: bytes) -> None:
    files = {"do": line.ljust(60), "bin/run": b"x" * 60, "bin/other": b"x" * 60}
    assert dropped(decided(files, "/bin/*")) == {"bin/other"}


def test_an_interpreter_is_found_under_the_prefix() -> None:
    files = {"do": b"#!/opt/tools/bin/run".ljust(60), "bin/run": b"x" * 60}
    assert dropped(decided(files, "/bin/run", prefix="tools")) == set()
    assert dropped(decided(files, "/bin/run", prefix="other")) == {"bin/run"}


def test_an_interpreter_that_path_must_find_only_warns() -> None:
    files = {"do": b"#!/usr/bin/env run".ljust(60), "bin/run": b"x" * 60}
    decision = decided(files, "/bin/run")
    assert dropped(decision) == {"bin/run"}
    assert said(decision) == [
        (
            "warn dropped-dependency: run is dropped, yet do may call it (#!); "
            "keep it with --keep '/bin/run' if so"
        )
    ]


@pytest.mark.parametrize("line", [b"#!/usr/bin/env escript\n", b"#! /usr/bin/env -S escript -c\n"])
@pytest.mark.parametrize("root", ["", "my_release/"])
def test_a_script_in_bin_of_a_release_is_started_with_its_own_erlang(
    line: bytes, root: str
) -> None:
    files = {
        f"{root}bin/nodetool": line.ljust(60),  # relx gives it the mode 0644
        f"{root}erts-13.1.5/bin/escript": b"x" * 60,
        f"{root}erts-13.1.5/bin/heart": b"x" * 60,
        f"{root}releases/1.0/start.boot": b"",
    }
    drops = "escript heart"
    assert dropped(decided(files, drops)) == {f"{root}erts-13.1.5/bin/heart"}
    aside = {path.replace("/nodetool", "/data/nodetool"): data for path, data in files.items()}
    assert len(dropped(decided(aside, drops))) == 2


def test_the_loader_that_a_program_brings_comes_back() -> None:
    files = {"app": program(interpreter="/opt/lib/ld.so"), "lib/ld.so": program()}
    assert dropped(decided(files, "ld.so")) == set()


def test_a_bundled_library_that_nothing_is_linked_to_is_offered_for_dropping() -> None:
    files = {
        "app.so": linked("liba-1.so"),
        "numpy.libs/liba-1.so": program(soname="liba-1.so"),
        "numpy.libs/libb-1.so": program(soname="libb-1.so"),
        "other/libc-1.so": program(soname="libc-1.so"),
    }
    decision = decided(files, "")
    assert dropped(decision) == set()
    (note,) = said(decision)
    assert note.startswith("note unused-library: numpy.libs/libb-1.so (")
    assert note.endswith("with --drop '/numpy.libs/libb-1.so'")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("app.py", b"ctypes.CDLL('libjimage.so')"),
        ("app.py", b"find_library('jimage')"),
        ("bin/app", b"\x7fELF\0lib%s.so\0jimage\0"),
        ("App.class", b"\xca\xfe\xba\xbe\1\0\x06jimage"),
        ("lib/modules", b"\xda\xda\xfe\xca"),
        ("app.jar", b"PK"),
        ("lib/x/ebin/x.beam", b"FOR1"),
    ],
)
def test_a_library_that_may_be_opened_by_name_is_not_offered(path: str, data: bytes) -> None:
    library = {"lib/libjimage.so": program(soname="libjimage.so")}
    assert said(decided({**library, path: data}, "")) == []
    [note] = said(decided({**library, "readme.txt": b"images, libjim"}, ""))
    assert "--drop '/lib/libjimage.so'" in note


def test_libraries_of_a_folder_that_code_names_are_not_offered() -> None:
    library = {"x.libs/libother.so": program(soname="libother.so")}
    assert said(decided({**library, "x/__init__.py": b"glob('../x.libs/*.so')"}, "")) == []
    lists = {"x-1.dist-info/RECORD": b"x.libs/libother.so,,\n", "a.so": b"\x7fELF $ORIGIN/x.libs"}
    assert len(said(decided({**library, **lists}, ""))) == 1


def test_a_library_that_a_link_or_a_zip_beside_leads_to_is_used() -> None:
    files = {"app.so": linked("liba.so"), "lib/liba.so.1": program(soname="liba.so.1")}
    files["lib/libb.so"] = program(soname="libb.so")
    function = Zip("function.zip", {"f.so": linked("libb.so")})
    assert said(decided(files, "", {"lib/liba.so": "liba.so.1"}, (function,))) == []


@given(st.data())
def test_a_broken_dynamic_section_is_read_or_refused(draw: st.DataObject) -> None:
    data = bytearray(linked("liba.so.1", "libb.so", runpath="$ORIGIN"))
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.one_of(st.integers(0, 0x160), st.integers(0x5000, 0x5200)))
        data[place] = draw.draw(st.integers(0, 255))
    with contextlib.suppress(FormatError, Refused):
        parse_dynamic(bytes(data))
