"""Advice on starts: what is compiled at each of them, flags, and places of another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zip_of

SH = "#!/bin/sh\n"


def said(folder: Path, files: dict[str, str], *options: str) -> str:
    """Return what a build says of files; those that begin with ``#!`` may run."""
    tree = write_tree(folder / "tree", files)
    for path, text in files.items():
        if text.startswith("#!"):
            (tree / path).chmod(0o755)
    done = slim("build", "tree", *options, cwd=folder)
    assert done.code == 0, done.text
    return done.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("exec elixir runtime.exs", True),
        ('exec "$here/bin/elixir" \\\n  --erl "+S 1:1" "$here/runtime.exs"', True),
        ('exec erlexec -noshell -s elixir start_cli -extra "$here/runtime.exs"', True),
        ("# exec elixir runtime.exs", False),
        ("exec elixir other.exs", False),  # not in the tree
        ("exec elixir -pa ebin -e Runtime.main", False),
        ("cat runtime.exs # for elixirc", False),
    ],
)
def test_a_script_that_elixir_compiles_at_each_start(tmp_path: Path, line: str, told: bool) -> None:
    text = said(tmp_path, {"bootstrap": f"{SH}{line}\n", "runtime.exs": "IO.puts 1", "x.app": "x"})
    assert ("note: bootstrap runs runtime.exs, which Elixir compiles" in text) == told


def test_the_bootstrap_of_a_function_beside_counts(tmp_path: Path) -> None:
    files = {"bootstrap": f"{SH}exec elixir /var/task/fn.exs\n".encode(), "fn.exs": b"1"}
    zip_of(tmp_path / "fn.zip", files)
    text = said(tmp_path, {"lib/x.beam": "x"}, "--with", "fn.zip")
    assert "note: fn.zip: bootstrap runs fn.exs" in text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("exec jre/bin/java -cp app.jar Main", True),
        ('exec "$here/jre/bin/java" -jar app.jar', True),
        ("exec jre/bin/java -XX:TieredStopAtLevel=1 -cp app.jar Main", False),
        ("export JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1\nexec java -cp app.jar Main", False),
        ("exec ./app # no java -here", False),
        ("java=1", False),
    ],
)
def test_a_jvm_with_all_its_compilers(tmp_path: Path, line: str, told: bool) -> None:
    text = said(tmp_path, {"bootstrap": f"{SH}{line}\n", "A.class": "x"})
    assert ("note: bootstrap starts java without -XX:TieredStopAtLevel=1" in text) == told


ERL = 'ROOTDIR="/usr/lib/erlang"\nBINDIR=$ROOTDIR/erts-13.1.5/bin\nexec "$BINDIR/erlexec"\n'


@pytest.mark.parametrize(
    ("top", "place"), [("lib/erlang/", "lib/erlang"), ("", "the top of the zip"), ("otp/", "otp")]
)
def test_a_start_script_that_names_where_it_was_installed(
    tmp_path: Path, top: str, place: str
) -> None:
    files = {f"{top}bin/erl": SH + ERL, f"{top}erts-13.1.5/bin/erlexec": "x"}
    assert f"{top}bin/erl sets ROOTDIR to /usr/lib/erlang, and that is {place} here" in said(
        tmp_path, files
    )


@pytest.mark.parametrize(
    "line",
    [
        "ROOTDIR=/opt/lib/erlang",  # where it will be
        "ROOTDIR=$(dirname $0)/..",
        "TMP=/var/tmp",
        "# ROOTDIR=/usr/lib/erlang",
        "X=/usr/lib/elsewhere",
    ],
)
def test_other_places_are_no_mistake(tmp_path: Path, line: str) -> None:
    files = {"lib/erlang/bin/erl": f"{SH}{line}\n", "tmp/x": "x"}
    assert "sets " not in said(tmp_path, files)


def test_a_script_that_does_not_run_is_not_read(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"lib/erlang/bin/erl": SH + ERL})
    (tree / "lib/erlang/bin/erl").chmod(0o644)
    assert "sets ROOTDIR" not in slim("build", "tree", cwd=tmp_path).text


def test_gzipped_modules_are_told_with_their_cost(tmp_path: Path) -> None:
    text = said(tmp_path, {"a.beam": "x"}, "--beams", "gzip")
    assert "--beams gzip says, which takes 20 % more CPU at a start" in text
