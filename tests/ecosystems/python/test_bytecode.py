"""Python's bytecode stays valid in the zip, and what was not valid is not in it."""

from __future__ import annotations

import compileall
import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.decide.decide import Decision
from slimmer.formats import FormatError
from slimmer.formats.python import pyc
from slimmer.model.rules import Action
from slimmer.rules.packs import load_packs
from tests.support.command import slim
from tests.support.decide import decide
from tests.support.trees import MemorySource

PACKS = load_packs()
SOURCE = b"VALUE = 1\n"
WHEN = 1_700_000_000
CACHED = "pkg/__pycache__/mod.cpython-311.pyc"


def bytecode(flags: int = 0, mtime_s: int = WHEN, size_bytes: int = len(SOURCE)) -> bytes:
    return struct.pack("<4sLLL", b"\xa7\r\r\n", flags, mtime_s, size_bytes) + b"code"


def decided(
    files: dict[str, bytes], *, drop: str = "", keep: str = "", pyc: str = "keep"
) -> Decision:
    source = MemorySource(files)
    source.mtimes_s["pkg/mod.py"] = WHEN
    return decide(source, drop=drop, keep=keep, pyc=pyc)


def fate(decision: Decision, path: str = CACHED) -> str:
    verdict = decision.verdicts[path]
    if verdict.action is Action.KEEP:
        return "kept"
    return verdict.rule.component if verdict.rule else ""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytecode(), "kept"),
        (bytecode(mtime_s=WHEN + 1), "pyc/stale"),
        (bytecode(size_bytes=99), "pyc/stale"),
        (bytecode(flags=1, mtime_s=0), "kept"),
        (bytecode(flags=3, mtime_s=0), "kept"),
        (b"no bytecode at all", "kept"),
        (b"", "kept"),
    ],
)
def test_bytecode_is_judged_as_python_judges_it(data: bytes, expected: str) -> None:
    assert fate(decided({"pkg/mod.py": SOURCE, CACHED: data})) == expected


def test_bytecode_without_its_source_goes() -> None:
    assert fate(decided({CACHED: bytecode()})) == "pyc/orphan"
    files = {"pkg/mod.py": SOURCE, "pkg/x.py": SOURCE, CACHED: bytecode()}
    dropped = decided(files, drop="mod.py")
    assert fate(dropped) == "pyc/orphan"


def test_bytecode_whose_source_is_a_link_is_neither_dropped_nor_made_valid() -> None:
    source = MemorySource({CACHED: bytecode(mtime_s=1), "x.py": SOURCE}, {"pkg/mod.py": "../x.py"})
    decision = decide(source)
    assert fate(decision) == "kept"
    assert decision.valid_bytecode == frozenset()


def test_what_is_no_bytecode_is_named(package: Path) -> None:
    (package / "tree" / "pkg" / "__pycache__" / "mod.x-1.pyc").write_bytes(b"none")
    outcome = slim("build", "tree", cwd=package)
    assert "mod.x-1.pyc: pyc cannot understand it" in outcome.out


def test_bytecode_in_the_place_of_a_source_stays() -> None:
    assert fate(decided({"pkg/mod.pyc": bytecode()}), "pkg/mod.pyc") == "kept"


def test_none_is_shipped_where_none_is_wanted_but_what_the_user_keeps_stays() -> None:
    files = {"pkg/mod.py": SOURCE, CACHED: bytecode()}
    assert fate(decided(files, pyc="drop")) == "pyc/drop"
    assert fate(decided(files, pyc="drop", keep="*.pyc")) == "kept"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("__pycache__/a.cpython-311.pyc", "a.py"),
        ("p/q/__pycache__/a.b.cpython-313.opt-2.pyc", "p/q/a.b.py"),
        ("p/a.pyc", None),
        ("p/__pycache__/a.txt", None),
    ],
)
def test_a_path_tells_the_source(path: str, source: str | None) -> None:
    assert pyc.source_of(path) == source


@given(st.binary(max_size=40))
def test_any_bytes_become_unchecked_or_are_refused(data: bytes) -> None:
    try:
        result = pyc.unchecked(data)
    except FormatError:
        return
    assert len(result) == len(data)
    assert result[16:] == data[16:]
    assert pyc.parse(result).by_hash
    assert pyc.unchecked(result) == result


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with bytecode of this very interpreter."""
    folder = tmp_path / "tree" / "pkg"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_bytes(b"")
    (folder / "mod.py").write_bytes(SOURCE)
    os.utime(folder / "mod.py", (WHEN, WHEN))  # not the second in which the test edits it
    assert compileall.compile_dir(folder, quiet=1)
    return tmp_path


def value_after_an_edit(unpacked: Path) -> str:
    """Import the module once its source says something else, and give what it says."""
    (unpacked / "pkg" / "mod.py").write_bytes(b"VALUE = 2\n")
    code = "import pkg.mod; print(pkg.mod.VALUE)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=unpacked, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("options", "value"), [((), "1"), (("--no-transform", "pyc"), "2"), (("--pyc", "drop"), "2")]
)
def test_shipped_bytecode_is_used_whenever_it_was_unpacked(
    package: Path, options: tuple[str, ...], value: str
) -> None:
    outcome = slim("build", "tree", *options, cwd=package)
    assert outcome.code == 0, outcome.text
    with zipfile.ZipFile(package / "tree.zip") as archive:
        archive.extractall(package / "unpacked")
    assert value_after_an_edit(package / "unpacked") == value


def test_stale_bytecode_that_the_user_keeps_is_not_made_valid(package: Path) -> None:
    os.utime(package / "tree" / "pkg" / "mod.py", (1, 1))
    assert slim("build", "tree", "--keep", "*.pyc", cwd=package).code == 0
    with zipfile.ZipFile(package / "tree.zip") as archive:
        archive.extractall(package / "unpacked")
    assert value_after_an_edit(package / "unpacked") == "2"


def test_bytecode_that_became_stale_is_not_shipped_and_the_report_says_why(package: Path) -> None:
    os.utime(package / "tree" / "pkg" / "mod.py", (1, 1))
    outcome = slim("build", "tree", cwd=package)
    assert "pyc/stale" in outcome.out
    with zipfile.ZipFile(package / "tree.zip") as archive:
        assert [name for name in archive.namelist() if name.endswith(".pyc")] == [
            f"pkg/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
        ]
    told = slim(
        "explain", "tree", f"pkg/__pycache__/mod.{sys.implementation.cache_tag}.pyc", cwd=package
    )
    assert "another time or size" in told.out


def test_a_script_in_a_package_of_node_is_no_module_without_bytecode(tmp_path: Path) -> None:
    (tmp_path / "tree/node_modules/x").mkdir(parents=True)
    (tmp_path / "tree/node_modules/x/draw.py").write_bytes(SOURCE)
    outcome = slim("build", "tree", "--pyc", "compile", "--python", sys.executable, cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert "bytecode" not in outcome.out
    with zipfile.ZipFile(tmp_path / "tree.zip") as archive:
        assert archive.namelist() == ["node_modules/x/draw.py"]
