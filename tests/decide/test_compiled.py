"""What becomes of compiled forms in a tree: times in the zip, bytes, and what the user is told."""

from __future__ import annotations

import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats.java import cds
from slimmer.formats.ruby import bootsnap
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zipped

ZERO, NEXT = (1980, 1, 1, 0, 0, 0), (1980, 1, 1, 0, 0, 2)
WHEN_S = 1_793_527_201  # odd: a zip's own times are even
JAR = zipped({"A.class": b"\xca\xfe\xba\xbe" * 300})


def archive(time_s: int, size_bytes: int, name: str = "app.jar") -> bytes:
    """Return something with all that is looked for in an archive of classes."""
    text = f"/var/task/lib/{name}".encode() + b"\0"
    return (
        struct.pack("<L", 0xF00BABA8)
        + bytes(100)
        + struct.pack("<qq", time_s, size_bytes)
        + bytes(8)
        + text
    )


def times(path: Path) -> dict[str, tuple[int, int, int, int, int, int]]:
    with zipfile.ZipFile(path) as opened:
        return {info.filename: info.date_time for info in opened.infolist()}


@pytest.fixture
def namespaces(tmp_path: Path) -> Path:
    tree = write_tree(
        tmp_path / "tree", {"a/b.clj": "(ns a.b)", "a/b__init.class": "1", "a/b$fn.class": "2"}
    )
    for path, time_s in (("a/b.clj", 50), ("a/b__init.class", 51), ("a/b$fn.class", 99)):
        os.utime(tree / path, (WHEN_S + time_s,) * 2)
    return tree


def test_a_class_that_is_newer_than_its_source_stays_so(namespaces: Path) -> None:
    cwd = namespaces.parent
    assert slim("build", "tree", "-o", "one.zip", cwd=cwd).code == 0
    assert times(cwd / "one.zip") == {
        "a/b$fn.class": ZERO,
        "a/b.clj": ZERO,
        "a/b__init.class": NEXT,
    }
    os.utime(namespaces / "a/b.clj", (5, 5))
    assert slim("build", "tree", "-o", "two.zip", cwd=cwd).code == 0
    assert (cwd / "one.zip").read_bytes() == (cwd / "two.zip").read_bytes()


def test_a_class_that_is_not_used_is_told_and_stays_unused(namespaces: Path) -> None:
    cwd = namespaces.parent
    os.utime(namespaces / "a/b__init.class", (5, 5))
    done = slim("build", "tree", "-o", "one.zip", cwd=cwd)
    assert "a/b__init.class" in done.text
    assert "warn: compiled namespaces of Clojure" in done.text
    assert times(cwd / "one.zip")["a/b.clj"] == NEXT


def test_check_tells_of_zips_with_equal_times(namespaces: Path) -> None:
    cwd = namespaces.parent
    with zipfile.ZipFile(cwd / "by-others.zip", "w") as out:
        for path in ("a/b.clj", "a/b__init.class"):
            out.writestr(zipfile.ZipInfo(path, ZERO), b"x")
    done = slim("check", "by-others.zip", cwd=cwd)
    assert "by-others.zip: compiled namespaces of Clojure: 1 file" in done.text
    assert slim("build", "tree", "-o", "own.zip", cwd=cwd).code == 0
    assert "Clojure" not in slim("check", "own.zip", cwd=cwd).text


def test_a_jar_with_equal_times_is_told(tmp_path: Path) -> None:
    members = zipped({"a/b.clj": b"(ns a.b)", "a/b__init.class": b"x"})
    write_tree(tmp_path / "tree", {"lib/app.jar": members})
    done = slim("build", "tree", "-o", "one.zip", cwd=tmp_path)
    assert "(lib/app.jar!/a/b__init.class) is not used" in done.text


def test_the_jars_of_an_archive_of_classes_keep_time_and_bytes(tmp_path: Path) -> None:
    tree = write_tree(
        tmp_path / "tree",
        {"lib/app.jar": JAR, "lib/b.jar": JAR, "x.jsa": archive(WHEN_S, len(JAR))},
    )
    os.utime(tree / "lib/app.jar", (WHEN_S, WHEN_S))
    done = slim("build", "tree", "-o", "one.zip", cwd=tmp_path)
    assert "note: x.jsa states the time and size of lib/app.jar" in done.text
    with zipfile.ZipFile(tmp_path / "one.zip") as opened:
        info = opened.getinfo("lib/app.jar")
        assert opened.read(info) == JAR
    assert info.date_time == (2026, 11, 1, 10, 0, 0)
    assert struct.unpack("<HHBi", info.extra) == (0x5455, 5, 1, WHEN_S)
    assert times(tmp_path / "one.zip")["lib/b.jar"] == ZERO


@pytest.mark.parametrize(("time_s", "size_bytes"), [(WHEN_S + 1, len(JAR)), (WHEN_S, 99)])
def test_an_archive_for_other_jars_is_told(tmp_path: Path, time_s: int, size_bytes: int) -> None:
    files = {"lib/app.jar": JAR, "x.jsa": archive(time_s, size_bytes)}
    os.utime(write_tree(tmp_path / "tree", files) / "lib/app.jar", (WHEN_S, WHEN_S))
    done = slim("build", "tree", "-o", "one.zip", cwd=tmp_path)
    assert "warn: x.jsa: lib/app.jar is of another time or size" in done.text
    assert times(tmp_path / "one.zip")["lib/app.jar"] == ZERO


def test_what_cannot_be_kept_is_told(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"tmp/bootsnap/compile-cache-iseq/0a/1b": b"x", "a.rb": b"1"})
    done = slim("build", "tree", "-o", "one.zip", cwd=tmp_path)
    assert "warn: caches of Bootsnap: 1 file" in done.text


def test_files_of_the_same_bytes_and_other_times_are_no_links(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"a/b.clj": "(ns a.b)", "a/b__init.class": "1"})
    os.utime(tree / "a/b.clj", (WHEN_S, WHEN_S))
    assert slim("build", "tree", "-o", "base.zip", cwd=tmp_path).code == 0
    os.utime(tree / "a/b__init.class", (WHEN_S + 9, WHEN_S + 9))
    shutil.rmtree(tree / "none", ignore_errors=True)
    done = slim("build", "tree", "-o", "one.zip", "--base", "base.zip", cwd=tmp_path)
    assert done.code == 0, done.text
    assert times(tmp_path / "one.zip")["a/b__init.class"] == NEXT


def test_what_is_no_archive_of_classes_names_no_jar() -> None:
    assert not cds.is_archive(b"")
    assert cds.recorded_s(b"\0" * 7 + (9).to_bytes(8, "little"), 9) == set()
    assert not cds.names(b"/other-app.jar\0", "app.jar")


def bootsnap_entry(size_bytes: int, time_s: int) -> bytes:
    """Return an entry as Bootsnap writes it: its key of 64 bytes, and what was compiled."""
    return struct.pack("<IIIIQQQ24x", 4, 1, 2, 3, size_bytes, time_s, 4) + b"YARB"


def test_the_sources_that_a_cache_of_bootsnap_states_keep_their_time(tmp_path: Path) -> None:
    time_s, tree = 1_700_000_001, tmp_path / "tree"
    cache = "tmp/cache/bootsnap/compile-cache-iseq/0a/1b"
    entry = bootsnap_entry(7, time_s)
    write_tree(tree, {cache: entry, "a.rb": b"puts 1\n", "b.rb": b"puts 2\n"})
    os.utime(tree / "a.rb", (time_s, time_s))
    os.utime(tree / "b.rb", (time_s + 1, time_s + 1))
    done = slim("build", "tree", "-o", "a.zip", "--json", "-", cwd=tmp_path)
    said = [f["message"] for f in json.loads(done.out)["findings"] if "compiled" in f["code"]]
    assert len(said) == 1
    assert said[0].startswith(
        "caches of Bootsnap state size and time of a.rb, which ships byte for byte with that time"
    )
    with zipfile.ZipFile(tmp_path / "a.zip") as opened:
        extra = opened.getinfo("a.rb").extra
    assert struct.unpack("<HHBi", extra) == (0x5455, 5, 1, time_s)
    assert times(tmp_path / "a.zip")["b.rb"] == ZERO


@given(st.binary(max_size=200))
def test_only_whole_entries_of_bootsnap_are_read(data: bytes) -> None:
    whole = bootsnap_entry(1, 2)
    assert bootsnap.stamp(whole) == (1, 2)
    assert bootsnap.stamp(whole + data) == (None if data else (1, 2))
    assert bootsnap.stamp(data[: bootsnap.HEAD_BYTES - 1]) is None
