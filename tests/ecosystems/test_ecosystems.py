"""The table of ecosystems: what a row names is there, and nothing is imported without need."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from slimmer import ecosystems
from slimmer.ecosystems import ECOSYSTEMS, Ecosystem, needed
from tests.support.trees import write_tree

BUILD = """
import sys
from slimmer.cli import run

code = run(["build", "tree", "-o", "out.zip", "-q", "--target", "provided.al2023"])
print(*(name for name in sys.modules if name.startswith("slimmer.ecosystems.")))
sys.exit(code)
"""
# The pipeline compiles bytecode with it, so every build has it.
ALWAYS = {"slimmer.ecosystems.python.bytecode"}


def places(row: Ecosystem) -> list[str]:
    """Return all that a row names, as ``package.module:name``."""
    named = [*row.guards.values(), *row.drops, *row.checks, *filter(None, [row.published])]
    return [f"{ecosystems.__name__}.{row.name}.{place}" for place in named]


def modules(row: Ecosystem) -> set[str]:
    """Return the modules that a row names for a build."""
    return {p.partition(":")[0] for p in places(row) if not p.endswith(row.published or " ")}


def test_every_folder_has_its_row_and_every_row_its_folder() -> None:
    folder = Path(ecosystems.__file__).parent
    assert {file.parent.name for file in folder.glob("*/__init__.py")} == {
        row.name for row in ECOSYSTEMS
    }


@pytest.mark.parametrize("place", [place for row in ECOSYSTEMS for place in places(row)])
def test_what_a_row_names_is_there(place: str) -> None:
    assert callable(pkgutil.resolve_name(place))


def imported(folder: Path, path: str) -> set[str]:
    """Return the modules of ecosystems that a build of a tree with one more file imports."""
    write_tree(folder / "tree", {"notes.txt": "plain text\n", path: "plain text too\n"})
    done = subprocess.run(
        [sys.executable, "-c", BUILD], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("path", "languages"),
    [
        ("more.txt", set()),
        ("a.py", {"python"}),
        ("index.mjs", {"node"}),
        ("ebin/a.app", {"erlang"}),
        ("a.jar", {"java"}),
    ],
)
def test_a_build_imports_the_languages_that_the_tree_needs(
    path: str, languages: set[str], tmp_path: Path
) -> None:
    found = imported(tmp_path, path) - ALWAYS
    for row in ECOSYSTEMS:
        wanted = modules(row) - ALWAYS if row.name in {"native", *languages} else set()
        assert found & (modules(row) | wanted) == wanted, row.name


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("lib/ssl-1/ebin/ssl.app", "erlang"),
        ("releases/1/start.boot", "erlang"),
        ("ebin/x.beam", "erlang"),
        ("lib/erlang/releases/27/OTP_VERSION", "erlang"),
        ("A.class", "java"),
        ("lib/a.jar", "java"),
        ("a.py", "python"),
        ("a.pyi", "python"),
        ("__pycache__/a.cpython-311.pyc", "python"),
        ("a.cpython-311-x86_64-linux-gnu.so", "python"),
        ("a.pyd", "python"),
        ("x-1.dist-info/METADATA", "python"),
        ("x.egg-info/PKG-INFO", "python"),
        ("x-1/PKG-INFO", "python"),
        ("node_modules", "node"),
        ("package.json", "node"),
        ("a.js", "node"),
        ("a.cjs", "node"),
        ("a.mjs", "node"),
        ("a.ts", "node"),
        ("a.cts", "node"),
        ("a.mts", "node"),
        ("addon.node", "node"),
    ],
)
def test_all_that_a_part_of_a_language_looks_at_needs_it(path: str, language: str) -> None:
    assert [row.name for row in needed([path]) if row.name != "native"] == [language]
    assert "native" in {row.name for row in needed([path])}
