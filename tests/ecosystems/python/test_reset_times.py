"""Bytecode after ``cp -r`` or COPY: kept where it is certain, and never lost without a word."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.ecosystems.python.test_bytecode import CACHED, SOURCE, bytecode
from tests.support.command import slim
from tests.support.decide import decide
from tests.support.trees import MemorySource, write_tree

RECORD = "mod-1.0.dist-info/RECORD"
METADATA = "mod-1.0.dist-info/METADATA"
OTHER = b"VALUE = 2\n"
PYTHON = f"python3.{sys.version_info.minor}"


def record(source: bytes = SOURCE, *, cached: str = CACHED) -> bytes:
    digest = base64.urlsafe_b64encode(hashlib.sha256(source).digest()).decode().rstrip("=")
    return f"pkg/mod.py,sha256={digest},{len(source)}\n{cached},,\n{METADATA},,\n".encode()


@pytest.mark.parametrize(
    ("source", "listed", "kept"),
    [
        (SOURCE, record(), True),
        (OTHER, record(), False),  # edited since, to the same size
        (SOURCE, record(cached="pkg/other.py"), False),  # compiled by somebody later
        (SOURCE, record().replace(b"sha256=", b"md5="), False),
        (SOURCE, b"", False),
        (SOURCE, b'"', False),
        (SOURCE, record() + b"pkg/mod.py,sha256=x,1\n", False),
    ],
)
def test_what_an_installer_compiled_is_valid_whatever_the_times(
    source: bytes, listed: bytes, kept: bool
) -> None:
    files = {"pkg/mod.py": source, CACHED: bytecode(), RECORD: listed, METADATA: b"Name: mod\n"}
    memory = MemorySource(files)
    memory.mtimes_s["pkg/mod.py"] = 5
    decision = decide(memory)
    assert (CACHED in decision.valid_bytecode) == kept
    assert decision.verdicts[CACHED].kept == kept
    assert [f.code for f in decision.findings if f.code == "bytecode-stale"] == (
        [] if kept else ["bytecode-stale"]
    )


def test_bytecode_of_another_size_is_never_valid() -> None:
    files = {
        "pkg/mod.py": SOURCE,
        CACHED: bytecode(size_bytes=99),
        RECORD: record(),
        METADATA: b"Name: mod\n",
    }
    assert CACHED not in decide(files).valid_bytecode


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A package with bytecode, and what ``cp -r`` makes of it."""
    write_tree(tmp_path / "tree", {f"pkg/m{n}.py": f"X = {n}\n" for n in range(4)})
    subprocess.run([sys.executable, "-m", "compileall", "-q", "tree"], cwd=tmp_path, check=True)
    shutil.copytree(tmp_path / "tree", tmp_path / "copy", copy_function=shutil.copyfile)
    for path in (tmp_path / "copy").rglob("*.py"):
        os.utime(path, (5, 5))
    return tmp_path


def test_that_most_bytecode_is_dropped_is_told_even_when_quiet(copied: Path) -> None:
    done = slim("build", "copy", "--quiet", cwd=copied)
    assert "warn: 4 of 4 bytecode files" in done.text
    assert "about 3 times as high" in done.text
    assert "bytecode-stale" not in slim("build", "tree", "--quiet", cwd=copied).text


def test_diff_and_check_say_that_bytecode_was_lost(copied: Path) -> None:
    for name in ("tree", "copy"):
        (copied / f"of-{name}").mkdir()
        done = slim("build", name, "-o", f"of-{name}/layer.zip", cwd=copied)
        assert done.code == 0, done.text
    said = "bytecode: 4 of 4 modules lost it"
    pair = ("of-tree/layer.zip", "of-copy/layer.zip")
    assert said in slim("diff", *pair, cwd=copied).text
    assert said in slim("diff", *pair, "--markdown", "-", cwd=copied).out
    found = json.loads(slim("diff", *pair, "--json", "-", cwd=copied).out)
    assert found["bytecode"] == {"old": 4, "new": 0}
    assert said not in slim("diff", *pair[::-1], cwd=copied).text
    options = ("--baseline", "base.json")
    assert slim("check", pair[0], *options, "--update-baseline", cwd=copied).code == 0
    assert f"warn: layer.zip: {said}" in slim("check", pair[1], *options, cwd=copied).text
    assert said not in slim("check", pair[0], *options, cwd=copied).text


def test_check_tells_of_bytecode_that_a_zip_makes_stale(copied: Path) -> None:
    with zipfile.ZipFile(copied / "by-others.zip", "w") as out:
        for path in sorted((copied / "tree").rglob("*.py*")):
            name = path.relative_to(copied / "tree").as_posix()
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), path.read_bytes())
    said = "by-others.zip: 4 of 4 bytecode files"
    assert said in slim("check", "by-others.zip", cwd=copied).text


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """Surroundings whose PATH has this interpreter by the name of its version."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / PYTHON).symlink_to(sys.executable)
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}


@pytest.mark.parametrize("by_settings", [False, True])
def test_the_targets_python_is_found(
    copied: Path, on_path: dict[str, str], *, by_settings: bool
) -> None:
    options = ["--target", PYTHON, "--pyc", "compile"]
    if by_settings:
        (copied / "slim.toml").write_text(f'target = "{PYTHON}"\npyc = "compile"\n', "utf-8")
        options = []
    done = slim("build", "copy", *options, "-o", "a.zip", cwd=copied, env=on_path)
    assert done.code == 0, done.text
    assert "made by CPython 3." in done.text
    with zipfile.ZipFile(copied / "a.zip") as made:
        assert sum(name.endswith(".pyc") for name in made.namelist()) == 4


def test_another_python_than_the_targets_is_refused(copied: Path) -> None:
    other = "python3.14" if sys.version_info.minor != 14 else "python3.13"
    options = ("--target", other, "--pyc", "compile", "--python", sys.executable)
    done = slim("build", "copy", *options, cwd=copied)
    assert done.code == 2
    assert f"the target has Python {other.removeprefix('python')}" in done.err


def test_without_a_target_of_python_an_interpreter_must_be_named(copied: Path) -> None:
    done = slim("build", "copy", "--pyc", "compile", cwd=copied)
    assert done.code == 2
    assert "or name a --target of Python" in done.err
