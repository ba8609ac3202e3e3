"""Transforms as a build uses them: on what they may, with what they did in the report."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from slimmer.build import pipeline
from slimmer.build.job import Job
from slimmer.build.report import Report
from slimmer.config.settings import Settings
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.formats.erlang import beam
from slimmer.model.rules import Selector
from slimmer.model.tree import Entry, Kind
from slimmer.rules.packs import load_packs
from slimmer.targets import load_targets
from slimmer.transforms import BEAM_STRIP, ELF_STRIP
from tests.support.elves import library
from tests.support.trees import MemorySource, tree_of

PACKS = load_packs()
LAMBDA = load_targets()["lambda"]
NEEDED = dict.fromkeys((b"AtU8", b"Code", b"ExpT", b"ImpT", b"StrT"), b"x" * 40)
DEBUG = {b"Dbgi": b"d" * 900, b"Docs": b"d" * 100}


def module(**more: bytes) -> bytes:
    chunks = NEEDED | {name.encode(): data for name, data in more.items()}
    return beam.build(tuple(beam.Chunk(name, data) for name, data in chunks.items()))


def debugged(**more: bytes) -> bytes:
    return module(**{name.decode(): data for name, data in DEBUG.items()}, **more)


def built(files: dict[str, bytes], **settings: object) -> tuple[Report, dict[str, bytes]]:
    """Return the report of a build and the bytes that its zip holds."""
    sink = io.BytesIO()
    made = Settings(level=1, **settings)  # type: ignore[arg-type]
    report = pipeline.build(
        Job(Question(MemorySource(files), PACKS, made, Deployment(LAMBDA))), sink
    )
    with zipfile.ZipFile(sink) as archive:
        return report, {name: archive.read(name) for name in archive.namelist()}


def test_a_module_loses_what_nobody_runs_and_the_report_says_how_much() -> None:
    report, shipped = built({"a.beam": debugged()})
    assert shipped["a.beam"] == module()
    assert [(t.name, t.files, t.saved_bytes) for t in report.transforms] == [
        (BEAM_STRIP, 1, len(debugged()) - len(module()))
    ]
    assert report.artifact is not None
    assert report.artifact.unzipped_bytes == len(module())


def installed(record: bytes) -> dict[str, bytes]:
    """Return the files of a distribution, of which its tests do not ship."""
    return {
        "python/shop/__init__.py": b"",
        "python/shop/tests/test_a.py": b"",
        "python/shop/a, b.txt": b"a",
        "python/shop-1.dist-info/METADATA": b"Name: shop\nVersion: 1\n",
        "python/shop-1.dist-info/RECORD": record,
        "python/shop-1.dist-info/RECORD.jws": b"{}",
    }


def test_a_record_names_what_ships_without_digests_and_sizes() -> None:
    digest = b",sha256=" + b"a" * 43 + b",1\r\n"
    rows = (
        b"../bin/shop",
        b"shop/__init__.py",
        b"shop/tests/test_a.py",
        b'"shop/a, b.txt"',
        b"shop/../shop-1.dist-info/METADATA",
        b"shop-1.dist-info/RECORD",
    )
    report, shipped = built(installed(b"".join(row + digest for row in rows)))
    assert shipped["python/shop-1.dist-info/RECORD"].splitlines() == [
        b"shop/__init__.py,,",
        b'"shop/a, b.txt",,',
        b"shop/../shop-1.dist-info/METADATA,,",
        b"shop-1.dist-info/RECORD,,",
    ]
    assert "python/shop-1.dist-info/RECORD.jws" not in shipped
    assert [(t.name, t.files) for t in report.transforms] == [("record", 1)]


@pytest.mark.parametrize(
    "broken", [b"shop/\xff.py,,\n", b'"shop/__init__.py\n', b"\na,,\n", b",,\n", b"a,b,c,d\n"]
)
def test_a_broken_record_stays_as_it_is_and_is_named(broken: bytes) -> None:
    broken += b"shop/__init__.py,sha256=aaaaaaaaa,1\n"
    report, shipped = built(installed(broken))
    assert shipped["python/shop-1.dist-info/RECORD"] == broken
    named = [f.message for f in report.findings if f.code == "not-understood"]
    assert ["python/shop-1.dist-info/RECORD" in message for message in named] == [True]


def test_a_record_is_whole_where_the_transform_is_off() -> None:
    record = b"shop/tests/test_a.py,sha256=aaaaaaaaa,1\n"
    _, shipped = built(installed(record), transforms=(ELF_STRIP,))
    assert shipped["python/shop-1.dist-info/RECORD"] == record


@pytest.mark.parametrize(
    "settings",
    [
        {"transforms": (ELF_STRIP,)},
        {"keep_bytes": (Selector("a.beam", "--keep-bytes"),)},
        {"keep_bytes": (Selector("lib/", "--keep-bytes"), Selector("/a.*", "--keep-bytes"))},
    ],
)
def test_what_is_turned_off_or_kept_away_changes_nothing(settings: dict[str, object]) -> None:
    report, shipped = built({"a.beam": debugged()}, **settings)
    assert shipped["a.beam"] == debugged()
    assert report.transforms == ()


def test_protocols_keep_their_debug_info_where_mix_is_kept() -> None:
    protocol = debugged(Attr=b"\x83l\0\0\0\1h\2w\x0c__protocol__j")
    files = {
        "lib/elixir/ebin/elixir.app": b"{application, elixir, []}.",
        "lib/elixir/ebin/Elixir.Enumerable.beam": protocol,
        "lib/elixir/ebin/Elixir.Enum.beam": debugged(),
        "lib/mix/ebin/mix.app": b"{application, mix, []}.",
    }
    _, without_mix = built(files)
    _, with_mix = built(files, keep=(Selector("elixir/mix", "--keep"),))
    path = "lib/elixir/ebin/Elixir.Enumerable.beam"
    assert b"Dbgi" not in without_mix[path]
    assert {chunk.name for chunk in beam.parse(with_mix[path])} >= {b"Dbgi", b"Attr"}
    assert with_mix["lib/elixir/ebin/Elixir.Enum.beam"] == module()


@pytest.mark.parametrize("beside", ["lib/.libx.so.1.hmac", "lib/libx.so.1.hmac", "lib/libx.chk"])
def test_a_library_whose_checksum_lies_beside_it_stays_as_it_is(beside: str) -> None:
    whole = library().build()
    _, stripped = built({"lib/libx.so.1": whole})
    _, left = built({"lib/libx.so.1": whole, beside: b"0"})
    assert len(stripped["lib/libx.so.1"]) < len(whole)
    assert left["lib/libx.so.1"] == whole


def test_what_is_refused_stays_and_is_counted_and_what_is_broken_is_named() -> None:
    with_payload = library().build() + b"a program's own data"
    files = {"bin/program": with_payload, "a.beam": b"FOR1 broken"}
    report, shipped = built(files)
    assert shipped == files
    (elf,) = [row for row in report.transforms if row.name == ELF_STRIP]
    assert [path for path, _ in elf.refused] == ["bin/program"]
    assert "data is appended" in elf.refused[0][1]
    (broken,) = [f.message for f in report.findings if f.code == "not-understood"]
    assert broken.startswith("a.beam: beam-strip cannot understand it (")
    assert broken.endswith("; kept as it is")


def test_a_file_too_large_to_be_read_is_not_read_to_find_that_it_does_not_fit() -> None:
    class Sparse(MemorySource):
        def read(self, path: str) -> bytes:
            assert path != "big.bin"
            return super().read(path)

        def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
            return (
                bytes(size_bytes) if path == "big.bin" else super().read(path)[start:][:size_bytes]
            )

    source = Sparse({"a.txt": b"x"})
    big = Entry("big.bin", Kind.FILE, 5 * 1024**3)
    source.tree = tree_of([*source.tree.entries, big])
    job = Job(Question(source, PACKS, Settings(), Deployment(LAMBDA)))
    report = pipeline.build(job, io.BytesIO())
    assert report.over
    assert report.artifact is None


def test_a_cap_that_only_stripping_meets_is_met() -> None:
    large = debugged(Dbgj=b"", Abst=b"d" * 270_000_000)
    report, shipped = built({"a.beam": large})
    assert not report.over
    assert len(shipped["a.beam"]) < 1_000


def rich(number: int) -> bytes:
    return module(Line=f"line {number} ".encode() * 400)


def test_modules_are_gzipped_when_that_is_asked_for_and_hold_the_same() -> None:
    report, shipped = built({"a.beam": rich(1)}, beams="gzip")
    assert shipped["a.beam"].startswith(b"\x1f\x8b")
    assert gzip.decompress(shipped["a.beam"]) == rich(1)
    assert report.artifact is not None
    assert report.artifact.unzipped_bytes < len(rich(1)) / 2


@pytest.mark.parametrize(("mode", "fits"), [("auto", True), ("gzip", True), ("plain", False)])
def test_where_only_gzipped_modules_fit_unzipped_they_are(mode: str, fits: bool) -> None:
    files = {f"{n}.beam": rich(n) for n in range(10)}
    small = LAMBDA._replace(unzipped_below_bytes=10 * len(rich(1)) // 2)
    sink = io.BytesIO()
    job = Job(
        Question(MemorySource(files), PACKS, Settings(level=1, beams=mode), Deployment(small))
    )
    report = pipeline.build(job, sink)
    assert report.over is not fits
    said = {finding.code for finding in report.findings}
    assert ("beams-gzipped" in said) is (mode != "plain")
