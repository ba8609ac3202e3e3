"""Compiled bytecode is used, names the place where its source will lie, and is always the same."""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from slimmer.ecosystems.python.bytecode import Source
from slimmer.ecosystems.python.compiler import Interpreter
from slimmer.formats.python import pyc
from tests.support.command import Outcome, slim, without_privileges
from tests.support.trees import write_tree

TAG = sys.implementation.cache_tag
FILES: dict[str, bytes | str] = {
    "pkg/__init__.py": "",
    "pkg/mod.py": "VALUE = 1\nSETS = {'a', 'b', 'c', 'd'}\ndef f(x):\n    return x in {'a', 'b'}\n",
    "pkg/latin.py": b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n",
    "pkg/not-a-module.py": "x = 1\n",
}
MADE = {f"pkg/__pycache__/{name}.{TAG}.pyc" for name in ("__init__", "mod", "latin")}


def compiled(folder: Path, *options: str) -> Outcome:
    run = ["--pyc", "compile", "--python", sys.executable, *options]
    return slim("build", "tree", "--json", "report.json", *run, cwd=folder)


def members(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / "tree.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", FILES)
    return tmp_path


def test_every_module_gets_bytecode_that_is_used_whatever_its_source_says_later(
    folder: Path,
) -> None:
    outcome = compiled(folder)
    assert outcome.code == 0, outcome.text
    assert {name for name in members(folder) if name.endswith(".pyc")} == MADE
    with zipfile.ZipFile(folder / "tree.zip") as archive:
        archive.extractall(folder / "unpacked")
    (folder / "unpacked" / "pkg" / "mod.py").write_text("VALUE = 2\n")
    code = "import pkg.mod, pkg.latin; print(pkg.mod.VALUE, pkg.mod.f('a'), ascii(pkg.latin.NAME))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder / "unpacked", capture_output=True, check=True
    )
    assert done.stdout.split() == [b"1", b"True", b"'\\xe9'"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "/opt/pkg/mod.py"),
        (("--prefix", "python"), "/opt/python/pkg/mod.py"),
        (("--unpacked-at", "/var/task/"), "/var/task/pkg/mod.py"),
        (("--unpacked-at", "/"), "/pkg/mod.py"),
    ],
)
def test_bytecode_names_the_place_where_its_source_will_lie(
    folder: Path, options: tuple[str, ...], expected: str
) -> None:
    assert compiled(folder, *options).code == 0
    [data] = [d for n, d in members(folder).items() if f"mod.{TAG}.pyc" in n]
    assert marshal.loads(data[16:]).co_filename == expected  # noqa: S302 - made by this test
    assert not any(str(folder).encode() in other for other in members(folder).values())


def test_the_bytes_depend_neither_on_the_folder_nor_on_times(folder: Path, tmp_path: Path) -> None:
    assert compiled(folder).code == 0
    other = tmp_path / "elsewhere" / "deep"
    write_tree(other / "tree", FILES)
    assert compiled(other).code == 0
    assert digest(other) == digest(folder)
    assert compiled(other, "--unpacked-at", "/var/task").code == 0
    assert digest(other) != digest(folder)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "tree.zip").read_bytes()).hexdigest()


def test_neither_order_nor_company_changes_the_bytecode_of_a_source() -> None:
    files = {path: raw(text) for path, text in FILES.items()}
    sources = [Source(path, f"/opt/{path}") for path in files]
    together = Interpreter(sys.executable).compile(sources, files.__getitem__)
    turned = Interpreter(sys.executable).compile(sources[::-1], files.__getitem__)
    alone = [Interpreter(sys.executable).compile([s], files.__getitem__) for s in sources]
    assert turned.bytecode == together.bytecode
    assert {path: d for one in alone for path, d in one.bytecode.items()} == together.bytecode
    assert all(pyc.parse(data).by_hash for data in together.bytecode.values())


def raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def test_what_cannot_be_compiled_is_named_and_the_rest_is_compiled(folder: Path) -> None:
    bad: dict[str, bytes | str] = {
        "old.py": "print 'x'\n",
        "nul.py": b"a = '\0'\n",
        "deep.py": "(" * 500 + ")" * 500,
    }
    write_tree(folder / "tree" / "bad", bad)
    outcome = compiled(folder)
    assert outcome.code == 0, outcome.text
    assert "3 sources could not be compiled" in outcome.out
    assert "bad/old.py" in outcome.out
    assert {name for name in members(folder) if name.endswith(".pyc")} == MADE


def test_a_source_that_crashes_the_interpreter_costs_no_other_its_bytecode(folder: Path) -> None:
    write_tree(folder / "tree", {"pkg/crash.py": "-" * 90_000 + "1\n"})
    shallow = folder / "python"  # with so small a stack that the parser runs over its end
    shallow.write_text(f'#!/bin/sh\nulimit -s 128\nexec "{sys.executable}" "$@"\n')
    shallow.chmod(0o755)
    outcome = compiled(folder, "--python", str(shallow))
    assert outcome.code == 0, outcome.text
    assert "1 source could not be compiled" in outcome.out
    assert {name for name in members(folder) if name.endswith(".pyc")} == MADE


def test_bytecode_of_the_tree_is_replaced_unless_the_user_keeps_it(folder: Path) -> None:
    own = f"pkg/__pycache__/mod.{TAG}.pyc"
    write_tree(folder / "tree", {own: b"\0" * 40, "pkg/__pycache__/gone.x-1.pyc": b"\0" * 40})
    outcome = compiled(folder)
    assert "pyc/replaced" in outcome.out
    assert members(folder)[own] != b"\0" * 40
    assert "pkg/__pycache__/gone.x-1.pyc" not in members(folder)
    assert compiled(folder, "--keep", "mod.*.pyc").code == 0
    assert members(folder)[own] == b"\0" * 40


def test_the_report_tells_of_what_was_made_and_by_whom(folder: Path) -> None:
    outcome = compiled(folder)
    report = json.loads((folder / "report.json").read_bytes())
    made = [row for row in report["entries"] if row["step"] == "generated"]
    assert {(row["path"], row["source"]) for row in made} == {
        (path, pyc.source_of(path)) for path in MADE
    }
    version = ".".join(map(str, sys.version_info[:3]))
    assert report["bytecode"] == {
        "files": 3,
        "unzipped_bytes": sum(row["unzipped_bytes"] for row in made),
        "zip_bytes": sum(row["zip_bytes"] for row in made),
        "without": 0,
        "made_by": report["bytecode"]["made_by"],
    }
    assert report["bytecode"]["made_by"].startswith(f"CPython {version}, magic number ")
    assert report["bytecode"]["made_by"] in outcome.out
    assert report["total"]["files"] == len(FILES)
    groups = sum(row["zip_bytes"] for row in report["groups"])
    assert groups + 22 == report["artifacts"][0]["zip_bytes"]


def test_a_zip_without_bytecode_says_what_that_costs(folder: Path) -> None:
    outcome = slim("build", "tree", "--pyc", "drop", cwd=folder)
    assert "3 modules without bytecode" in outcome.out
    assert "3 times the import CPU" in outcome.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "name it with --python"),
        (("--python", "no-such-python"), "there is no such program on PATH"),
        (("--python", "true"), "it is not a CPython"),
        (("--python", "sh"), "it is not a CPython"),
        (("--python", "./python3.99"), "it does not run, as a shim of pyenv without that version"),
        (
            ("--python", "python3.99"),
            "a Python of the target's version, such as /usr/bin/python3.99",
        ),
        (("--python", sys.executable, "--unpacked-at", "opt"), "must be an absolute folder"),
        (("--python", sys.executable, "--unpacked-at", "/a/../b"), "must be an absolute folder"),
    ],
)
def test_an_interpreter_that_cannot_compile_is_one_line(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    write_tree(folder, {"python3.99": "#!/bin/sh\necho 'pyenv: not set' >&2\nexit 127\n"})
    (folder / "python3.99").chmod(0o755)
    outcome = slim("build", "tree", "--pyc", "compile", *options, cwd=folder)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert not (folder / "tree.zip").exists()


def test_an_interpreter_of_another_version_than_the_extension_modules_is_refused(
    folder: Path,
) -> None:
    write_tree(folder / "tree", {"pkg/x.cpython-399-x86_64-linux-gnu.so": b""})
    outcome = compiled(folder)
    assert outcome.code == 2
    assert "the tree's extension modules are for python3.99; name that one" in outcome.err


def test_an_interpreter_without_use_is_told_of(folder: Path) -> None:
    outcome = slim("build", "tree", "--python", sys.executable, cwd=folder)
    assert outcome.code == 2
    assert "--pyc compile" in outcome.err


def test_what_a_layer_below_places_is_not_compiled_again(folder: Path) -> None:
    assert slim("build", "tree", "--keep", "mod.py", "-o", "base.zip", cwd=folder).code == 0
    write_tree(folder / "tree", {"pkg/new.py": "x = 1\n"})
    assert compiled(folder, "--base", "base.zip").code == 0
    assert sorted(members(folder)) == [f"pkg/__pycache__/new.{TAG}.pyc", "pkg/new.py"]


def test_an_interpreter_that_is_nowhere_is_said_to_be_nowhere(folder: Path) -> None:
    """Whatever else is on PATH: a folder that may not be read hides no program from the user."""
    closed = folder / "closed"
    closed.mkdir(mode=0)
    env = {"PATH": f"{closed}{os.pathsep}{os.environ['PATH']}"}
    args = ("build", "tree", "--pyc", "compile", "--python", "no-such-python")
    outcome = slim(*args, cwd=folder, env=env, through=without_privileges())
    closed.chmod(0o700)
    assert outcome.code == 2
    assert (
        "no-such-python: cannot compile with it (there is no such program on PATH)" in outcome.err
    )


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({}, True),
        ({"lib/jython-standalone-2.7.4.jar": b""}, False),
        ({"lib/app.jar": b""}, False),
        ({"lib/app.jar": b"", "a-1.dist-info/METADATA": b"Name: a\n"}, True),
        ({"Lib/a-1.dist-info/METADATA": b"Name: a\n", "jython.jar": b""}, False),
    ],
    ids=["alone", "Jython", "in a jar", "beside a distribution", "Jython's own"],
)
def test_only_modules_of_cpython_are_to_be_compiled(
    tmp_path: Path, others: dict[str, bytes], told: bool
) -> None:
    write_tree(tmp_path / "tree", {"Lib/mod.py": b"print 1\n", **others})
    outcome = slim("build", "tree", cwd=tmp_path)
    assert ("--pyc compile" in outcome.out) is told, outcome.text
