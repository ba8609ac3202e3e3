"""What auditors read of a zip: the bill of materials, the notices, and what scanners see."""

from __future__ import annotations

import importlib.metadata
import json
import zipfile
from pathlib import Path

import pytest

from slimmer.build.ships import is_licence
from tests.support.command import slim
from tests.support.trees import write_tree

METADATA = b"Metadata-Version: 2.4\nName: Tea-Cup\nVersion: 1.2\nLicense-Expression: MIT\n\nLong"
RECORD = (
    b"tea/__init__.py,,\ntea_cup-1.2.dist-info/METADATA,,\ntea_cup-1.2.dist-info/RECORD,,\n"
    b"tea_cup-1.2.dist-info/licenses/LICENSE,,\n"
)
TREE = {
    "tea/__init__.py": b"x = 1\n",
    "tea_cup-1.2.dist-info/METADATA": METADATA,
    "tea_cup-1.2.dist-info/RECORD": RECORD,
    "tea_cup-1.2.dist-info/INSTALLER": b"pip\n",
    "tea_cup-1.2.dist-info/licenses/LICENSE": b"You may drink it.\n",
    "node_modules/@a/b/package.json": b'{"name":"@a/b","version":"3.0.0","license":"ISC"}',
    "node_modules/@a/b/LICENSE": b"You may drink it.\r\n",
    "node_modules/@a/b/index.js": b"exports.x = 1\n",
    "app.py": b"import tea\n",
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", TREE)
    return tmp_path


def test_the_bill_names_what_ships_and_is_the_same_each_time(work: Path) -> None:
    for name in ("one", "two"):
        outcome = slim("build", "tree", "--sbom", f"{name}.json", cwd=work)
        assert outcome.code == 0, outcome.text
    bill = (work / "one.json").read_bytes()
    assert bill == (work / "two.json").read_bytes()
    found = {(c.get("group"), c["name"], c["version"]) for c in json.loads(bill)["components"]}
    assert found == {(None, "Tea-Cup", "1.2"), ("@a", "b", "3.0.0")}
    urls = {c["purl"] for c in json.loads(bill)["components"]}
    assert urls == {"pkg:pypi/tea-cup@1.2", "pkg:npm/%40a/b@3.0.0"}
    assert json.loads(bill)["bomFormat"] == "CycloneDX"


def test_the_notices_hold_each_text_once_with_all_its_files(work: Path) -> None:
    assert slim("build", "tree", "--notices", "n.txt", cwd=work).code == 0
    text = (work / "n.txt").read_text()
    assert text.count("You may drink it.") == 1
    assert "Tea-Cup 1.2: MIT\n" in text
    assert "node_modules/@a/b/LICENSE\ntea_cup-1.2.dist-info/licenses/LICENSE\n" in text


def test_a_licence_that_is_dropped_is_told_too(work: Path) -> None:
    args = ("--drop", "LICENSE", "--notices", "-", "-q")
    assert "You may drink it." in slim("build", "tree", *args, cwd=work).out


def test_scanners_see_the_same_distributions(work: Path) -> None:
    assert slim("build", "tree", "-o", "a.zip", cwd=work).code == 0
    with zipfile.ZipFile(work / "a.zip") as archive:
        archive.extractall(work / "out")

    def seen(folder: str) -> list[tuple[str, str]]:
        found = importlib.metadata.distributions(path=[str(work / folder)])
        return sorted((each.metadata["Name"], each.version) for each in found)

    assert seen("tree") == seen("out") == [("Tea-Cup", "1.2")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/LICENSE", True),
        ("a/licence.txt", True),
        ("a/COPYING.LIB", True),
        ("a/NOTICE", True),
        ("a-1.dist-info/licenses/x/y", False),
        ("a-1.dist-info/licenses/AUTHORS", True),
        ("a/license.py", False),
        ("a/licenses_of_all.txt", False),
        ("a/copyrighted", False),
    ],
)
def test_licences_are_known_by_their_names(path: str, expected: bool) -> None:
    assert is_licence(path) is expected
