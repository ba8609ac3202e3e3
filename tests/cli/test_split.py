"""slim build --split: one artifact as several layers, which check and verify take together."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree

NOISE = random.Random(1).randbytes(27_000_000)  # noqa: S311 - what does not compress


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files: dict[str, bytes | str] = {"python/own.py": "import a\n"}
    for name in ("a", "b"):
        info = f"python/{name}-1.0.dist-info"
        files[f"python/{name}/__init__.py"] = "X = 1\n"
        files[f"python/{name}/data.bin"] = name.encode() + NOISE
        files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        rows = (f"{name}/__init__.py", f"{name}/data.bin", f"{name}-1.0.dist-info/METADATA")
        files[f"{info}/RECORD"] = "".join(f"{row},,\n" for row in rows)
    folder = write_tree(tmp_path_factory.mktemp("split") / "tree", files)
    (folder / "python/a.link").symlink_to("a/data.bin")
    return folder


@pytest.fixture(scope="module")
def built(tree: Path) -> Path:
    done = slim(
        "build", "tree", "--split", "5", "--level", "1", "--json", "r.json", cwd=tree.parent
    )
    assert done.code == 0, done.text
    assert "wrote 2 layers, to be attached in this order:" in done.out
    return tree.parent


def test_each_unit_lies_in_one_layer_and_all_together_hold_the_tree(built: Path) -> None:
    names = [set(zipfile.ZipFile(path).namelist()) for path in sorted(built.glob("tree-*.zip"))]
    assert len(names) == 2
    assert not (built / "tree.zip").exists()
    assert sum(map(len, names)) == len(set().union(*names)) == 10
    for unit in ("a", "b"):
        holding = [n for n in names if any(p.startswith(f"python/{unit}/") for p in n)]
        assert len(holding) == 1
        assert f"python/{unit}-1.0.dist-info/RECORD" in holding[0]
    assert any({"python/a.link", "python/a/data.bin"} <= n for n in names)


def test_the_report_says_what_lies_where(built: Path) -> None:
    report = json.loads((built / "r.json").read_text())
    assert [a["name"] for a in report["artifacts"]] == [f"tree-{n}.zip" for n in (1, 2)]
    units = [unit for artifact in report["artifacts"] for unit in artifact["units"]]
    assert sorted(units) == ["/python/a.link", "/python/own.py", "python/a", "python/b"]
    assert not any(f["code"] == "needs-s3" for f in report["findings"])


def test_check_takes_the_layers_together(built: Path) -> None:
    zips = [f"tree-{n}.zip" for n in (1, 2)]
    done = slim("check", *zips, cwd=built)
    assert done.code == 0, done.text
    assert "2 zips, unzipped" in done.out


def test_the_same_tree_gives_the_same_layers_and_says_what_is_left_of_another(built: Path) -> None:
    before = [path.read_bytes() for path in sorted(built.glob("tree-*.zip"))]
    (built / "tree-4.zip").write_bytes(b"old")
    done = slim("build", "tree", "--split", "4", "--level", "1", cwd=built)
    assert done.code == 0, done.text
    assert "tree-4.zip is of an earlier build" in done.err
    assert [path.read_bytes() for path in sorted(built.glob("tree-[12].zip"))] == before
    (built / "tree-4.zip").unlink()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--dry-run",), "--dry-run writes no zip that --split could part"),
        (("--form", "folder"), "--split parts a zip; remove --form folder"),
        (("--as-function",), "a function is one zip"),
        (("--with", "tree-1.zip"), "name the same file"),
        (("--split", "6"), "6"),
    ],
)
def test_what_does_not_go_with_it_is_refused(
    built: Path, options: tuple[str, ...], said: str
) -> None:
    done = slim("build", "tree", "--split", "3", *options, cwd=built)
    assert done.code == 2, done.text
    assert said in done.err


def test_a_small_tree_is_one_layer(tmp_path: Path) -> None:
    write_tree(tmp_path / "t", {"python/x.py": "x = 1\n"})
    assert slim("build", "t", "--split", "2", cwd=tmp_path).code == 0
    assert [path.name for path in sorted(tmp_path.glob("*.zip"))] == ["t-1.zip"]
