"""A function is told from a layer by what lies at its root, and that is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slimmer.decide.role import function_mark
from tests.support.command import slim
from tests.support.trees import MemorySource, write_tree

RUNTIME = f"python3.{sys.version_info.minor}"
RUN = ("--runtime", RUNTIME, "--handler", "app.handler")
APP = "def handler(event, context):\n    return event\n"


@pytest.mark.parametrize(
    ("files", "handler", "mark"),
    [
        (("app.py",), "app.handler", "app.py"),
        (("src/app.mjs", "node_modules/x/index.js"), "src/app.handler", "src/app.mjs"),
        (("com/acme/Main.class",), "com.acme.Main::handle", "com/acme/Main.class"),
        (("META-INF/MANIFEST.MF",), "com.acme.Main", "META-INF/MANIFEST.MF"),
        (("python/app.py",), "app.handler", ""),
        (("nodejs/node_modules/app/index.js",), "app.handler", ""),
        (("java/lib/x.jar",), "com.acme.Main", ""),
        (("app.py",), "", ""),
    ],
)
def test_the_handlers_file_at_the_root_makes_a_function(
    files: tuple[str, ...], handler: str, mark: str
) -> None:
    source = MemorySource(dict.fromkeys(files, b"x"))
    assert function_mark(source, handler, managed=True) == mark
    assert function_mark(source, handler, "python", managed=True) == ""


def test_a_program_called_bootstrap_makes_a_function_and_a_script_may_be_a_runtime() -> None:
    program, script = b"\x7fELF\x02\x01", b"#!/bin/sh\n"
    assert function_mark(MemorySource({"bootstrap": program}), "", managed=False) == "bootstrap"
    assert function_mark(MemorySource({"bootstrap": script}), "", managed=False) == ""
    assert function_mark(MemorySource({"bootstrap": program}), "", managed=True) == ""
    layer = {"bootstrap": program, "python/x.py": b""}
    assert function_mark(MemorySource(layer), "", managed=False) == ""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"fn/app.py": APP, "e.json": '{"n": 1}', "layer/python/tool.py": "x = 1"})
    return tmp_path


def test_a_function_that_is_named_as_a_layer_runs_as_the_function(work: Path) -> None:
    pytest.importorskip("awslambdaric")
    run = ("--event", "e.json", "--expect", "e.json", *RUN)
    done = slim("verify", "layer", "fn", *run, cwd=work)
    assert done.code == 0, done.text
    assert "note: fn runs as the function, as it has app.py at its root" in done.out
    wrong = slim("verify", "fn", *run, "--as-layer", cwd=work)
    assert wrong.code == 5, wrong.text
    assert wrong.out.endswith("hint: all ran as layers; name the function's zip with --function\n")


def test_a_build_of_a_function_runs_it_as_one(work: Path) -> None:
    pytest.importorskip("awslambdaric")
    run = ("--verify", "e.json", "--expect", "e.json", *RUN)
    done = slim("build", "fn", *run, cwd=work)
    assert done.code == 0, done.text
    assert "note: the tree runs as the function, as it has app.py at its root" in done.out
    assert slim("build", "fn", *run, "--as-layer", cwd=work).code == 5
    both = slim("build", "fn", *run, "--as-layer", "--as-function", cwd=work)
    assert "--as-function and --as-layer are opposites; remove one" in both.err


@pytest.fixture(params=["requests-2.34.dist-info/METADATA", "node_modules/x/package.json"])
def packages(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with packages at its root, and no code beside them."""
    path: str = request.param
    return write_tree(tmp_path, {f"fn/{path}": "{}", "function/app.py": APP, "slim.toml": FILE})


FILE = """
[artifact.api]
tree = "fn"
kind = "function"

[artifact.common]
tree = "fn"
kind = "layer"
"""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("build", "./fn"), "looks there only in a function (--as-function)"),
        (("inspect", "./fn"), "looks there only in a function (--as-function)"),
        (("build", "./fn", "--as-function"), ""),
        (("inspect", "./fn", "--as-function"), ""),
        (("build", "api"), ""),
        (("inspect", "api"), ""),
        (("build", "./fn", "--as-layer"), "does not look there"),
        (("build", "./fn", "--function", "function.zip"), "does not look there"),
        (("inspect", "./fn", "--function", "function.zip"), "does not look there"),
        (("build", "common"), "does not look there"),
        (("inspect", "common"), "does not look there"),
    ],
)
def test_where_packages_are_looked_for_is_told_of_a_function_or_a_layer(
    packages: Path, words: tuple[str, ...], told: str
) -> None:
    assert slim("build", "./function", "-o", "function.zip", cwd=packages).code == 0
    target = "nodejs22.x" if (packages / "fn/node_modules").exists() else "python3.12"
    done = slim(*words, "--target", target, cwd=packages)
    assert done.code == 0, done.text
    found = [line for line in done.out.splitlines() if "-path" in line or "look" in line]
    assert bool(found) == bool(told), done.text
    assert told in " ".join(done.out.split())
