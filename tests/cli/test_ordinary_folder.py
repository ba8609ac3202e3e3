"""``slim build .`` in an ordinary project: where the zip goes, and what is said of the rest."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_tree(
        tmp_path / "shop",
        {
            "app.py": "def handler(event, context):\n    return event\n",
            "lib/rates.py": "x = 1\n",
            ".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12.1\n",
            ".venv/lib/python3.12/site-packages/pip/__init__.py": "",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".aws-sam/build.toml": "",
            ".slimignore": "notes/\n",
            "notes/a.txt": "",
        },
    )
    (folder / ".venv" / "bin").mkdir()
    (folder / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3.12")
    return folder


@pytest.mark.parametrize(("cwd", "tree"), [(".", "."), ("lib", "..")])
def test_the_zip_lies_beside_the_tree_that_one_works_in(project: Path, cwd: str, tree: str) -> None:
    done = slim("build", tree, cwd=project / cwd)
    assert done.code == 0, done.text
    zipped = project.parent / "shop.zip"
    assert sorted(zipfile.ZipFile(zipped).namelist()) == ["app.py", "lib/rates.py"]
    assert "../shop.zip lies beside the tree" in done.out
    for said in ("own/virtual-environments", "own/deploys", "common/vcs", "user/drop"):
        assert said in done.out


def test_elsewhere_the_zip_lies_in_the_working_folder(project: Path) -> None:
    done = slim("build", "shop", "-q", cwd=project.parent)
    assert (done.code, done.out) == (0, "")
    assert (project.parent / "shop.zip").is_file()


def test_an_output_in_the_tree_is_refused_with_one_that_works(project: Path) -> None:
    done = slim("build", ".", "-o", "out.zip", cwd=project)
    assert done.code == 2
    advice = done.err.strip().rpartition("such as ")[2]
    assert advice == "--output ../out.zip"
    assert slim("build", ".", *advice.split(), cwd=project).code == 0
