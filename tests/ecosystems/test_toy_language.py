"""A language is a folder, a row and a pack: a toy one works in a copy of slim with only these."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import slimmer
from slimmer.toml import data_folder
from tests.support.trees import write_tree

# A toy program says `use NAME`, which is extras/NAME.toy, and every toy wants a library.
ROW = """    Ecosystem(
        "toy",
        endings=(".toy",),
        guards={"toy": "guard:ToyGuard"},
        checks=("fit:check_toy",),
    ),
"""
FOLDER = {
    "__init__.py": '"""Toy."""\n',
    "guard.py": """
from slimmer.model.rules import Action, Reference


class ToyGuard:
    def __init__(self, context):
        self._context = context

    def references(self, verdicts):
        for entry in self._context.tree.ending_in(".toy"):
            if verdicts[entry.path].action is Action.KEEP:
                for line in self._context.read(entry.path).decode().splitlines():
                    use, _, name = line.partition(" ")
                    if use == "use":
                        yield Reference(entry.path, name, f"extras/{name}.toy", certain=True)

    def findings(self, verdicts):
        return ()
""",
    "fit.py": """
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding


def check_toy(shipped):
    count = sum(entry.path.endswith(".toy") for entry in shipped.entries)
    message = f"{count} toys need libtoy.so, and {shipped.target.name} has none"
    yield Finding("library-missing", Severity.WARN, message)
""",
}
PACK = """title = "Toy"
detect = ["main.toy"]
installed = ["extras/"]

[component.extras]
title = "Extras"
why = "Few programs use them."
evidence = ["documents"]
drop = ["extras/"]
"""
TREE = {"main.toy": "use colours\n", "extras/colours.toy": "red", "extras/shapes.toy": "round"}


@dataclass(frozen=True)
class Copy:
    """A copy of slim that knows one more language."""

    folder: Path

    def build(self, tree: dict[str, str], *options: str) -> dict[str, Any]:
        """Build a tree with the copy and return the JSON report."""
        folder = self.folder / "tree"
        shutil.rmtree(folder, ignore_errors=True)
        write_tree(folder, dict(tree))
        argv = ["build", "tree", "-o", "out.zip", "--json", "out.json", "-q"]
        argv += ["--target", "provided.al2023", *options]
        done = subprocess.run(
            [sys.executable, "-m", "slimmer", *argv],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads((self.folder / "out.json").read_text("utf-8"))
        return report


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        Path(slimmer.__file__).parent,
        folder / "slimmer",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(data_folder(), folder / "rules")
    table = folder / "slimmer/ecosystems/__init__.py"
    head, start, rest = table.read_text("utf-8").partition("ECOSYSTEMS = (\n")
    rows, end, after = rest.partition("\n)\n")
    assert start
    assert end
    table.write_text(f"{head}{start}{rows}\n{ROW}{end[1:]}{after}", "utf-8")
    write_tree(folder / "slimmer/ecosystems/toy", dict(FOLDER))
    (folder / "rules/toy.toml").write_text(PACK, "utf-8")
    return Copy(folder)


def steps(report: dict[str, Any]) -> dict[str, str]:
    return {entry["path"]: entry["step"] for entry in report["entries"]}


def toy_findings(report: dict[str, Any]) -> list[str]:
    return [f["message"] for f in report["findings"] if "libtoy" in f["message"]]


def test_its_pack_drops_its_guard_rescues_and_its_check_speaks(copy: Copy) -> None:
    report = copy.build(TREE)
    assert steps(report) == {
        "main.toy": "keep",
        "extras/colours.toy": "keep",
        "extras/shapes.toy": "drop",
    }
    (rescue,) = report["rescues"]
    assert (rescue["path"], rescue["component"], rescue["chain"]) == (
        "extras/colours.toy",
        "toy/extras",
        "main.toy needs colours",
    )
    (component,) = report["components"]
    assert (component["name"], component["title"], component["files"]) == (
        "toy/extras",
        "Extras",
        1,
    )
    assert toy_findings(report) == ["2 toys need libtoy.so, and provided.al2023 has none"]


def test_without_evidence_nothing_comes_back(copy: Copy) -> None:
    report = copy.build(TREE | {"main.toy": "print\n"})
    assert steps(report) == {
        "main.toy": "keep",
        "extras/colours.toy": "drop",
        "extras/shapes.toy": "drop",
    }
    assert report["rescues"] == []
    assert toy_findings(report) == ["1 toys need libtoy.so, and provided.al2023 has none"]


def test_its_guard_can_be_switched_off_by_its_name(copy: Copy) -> None:
    report = copy.build(TREE, "--no-guard", "toy")
    assert steps(report)["extras/colours.toy"] == "drop"
    assert report["rescues"] == []


def test_a_tree_without_it_is_none_of_its_business(copy: Copy) -> None:
    report = copy.build({"main.py": "use = 1\n"})
    assert toy_findings(report) == []
