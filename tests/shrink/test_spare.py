"""`slim shrink --within-units` on files that were used: large ones, and ones only looked for."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import pytest

from tests.shrink.test_shrink import HERE, build, distribution, run
from tests.support.command import slim
from tests.support.installed import record
from tests.support.trees import write_tree

APP = """
import alpha

def handler(event, context):
    if event.get("rare"):
        return alpha.load("b")
    return [alpha.names(), alpha.load("a"), alpha.quick()]
"""
ALPHA = """
import json, pathlib

DATA = pathlib.Path(__file__).parent / "data"

def names():
    return [name for name in "abc" if (DATA / f"{name}.json").exists()]

def load(name):
    return json.loads((DATA / f"{name}.json").read_bytes())

def quick():
    try:
        return len((DATA / "table.bin").read_bytes()) and 1
    except OSError:
        return 1
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    files = distribution("alpha", "1.0", __init__=ALPHA, old="import alpha._quick\n")
    files |= {f"alpha/data/{name}.json": b'"%s"' % name.encode() for name in "ab"}
    files["alpha/data/table.bin"] = os.urandom(1 << 20)
    files["alpha/data/notes.txt"] = b"About.\n"
    files["alpha/_quick.cpython-311-x86_64-linux-gnu.so"] = b"not one"
    listed = "alpha-1.0.dist-info/RECORD"
    files[listed] = record(list(files))
    write_tree(tmp_path / "fn", {"app.py": APP.encode(), **files})
    write_tree(tmp_path, {"name.json": b"{}", "rare.json": b'{"rare": 1}'})
    return tmp_path


def shipped(work: Path, path: str) -> bytes:
    with zipfile.ZipFile(work / "fn.zip") as archive:
        return archive.read(path)


def test_a_file_that_was_only_looked_for_keeps_its_name(work: Path) -> None:
    assert run(work, "--within-units", "--guard-drops").code == 0
    built, files = build(work, "--shrink", "slim.shrink.toml")
    assert built.code == 0, built.text
    assert "alpha/data/b.json" in files
    assert shipped(work, "alpha/data/a.json") == b'"a"'
    assert b"slim shrink dropped alpha/data/b.json: slim.shrink.toml:" in shipped(
        work, "alpha/data/b.json"
    )
    proof = slim(
        *("verify", "--function", "fn.zip", "--event", "name.json", "--event", "rare.json"),
        *("--runtime", HERE, "--handler", "app.handler"),
        cwd=work,
        process=True,
    )
    assert '[["a", "b"], "a", 1]' in proof.out
    assert "JSONDecodeError" in proof.out


def test_without_stubs_it_stays_as_it_is(work: Path) -> None:
    assert run(work, "--within-units").code == 0
    build(work, "--shrink", "slim.shrink.toml")
    assert shipped(work, "alpha/data/b.json") == b'"b"'


@pytest.mark.parametrize(("args", "goes"), [((), False), (("--within-units",), True)])
def test_a_large_file_that_no_answer_needs_goes(
    work: Path, args: tuple[str, ...], goes: bool
) -> None:
    assert run(work, *args).code == 0
    files = build(work, "--shrink", "slim.shrink.toml")[1]
    assert ("alpha/data/table.bin" not in files) == goes
    said = (work / "slim.shrink.toml").read_text("utf-8")
    assert ("all answers are the same without 1 that were used" in said) == goes


def test_a_stub_stands_where_a_library_stood(work: Path) -> None:
    """Python asks for the library's module, which no file of the tree is named like."""
    assert run(work, "--within-units", "--guard-drops").code == 0
    built, files = build(work, "--shrink", "slim.shrink.toml")
    assert built.code == 0, built.text
    assert "alpha/_quick.py" in files
    assert b"slim shrink dropped alpha._quick" in shipped(work, "alpha/_quick.py")


def test_the_page_shows_what_was_used_kept_and_dropped(work: Path) -> None:
    assert run(work, "--within-units", "--guard-drops", "--html", "shrink.html").code == 0
    page = (work / "shrink.html").read_text("utf-8")
    page = re.sub(r"</?span[^>]*>|<wbr>", "", page)  # where its lines may break
    rows = re.findall(r"<tr><td>python/alpha</td>(.*?)</tr>", page)
    used, unused, dropped = re.findall(r">([^<]+)</td>", rows[0])
    assert used != "0"
    assert unused != "0"  # what a shrink never drops, such as licences
    assert dropped == "1.0 MB"
    assert '<td>alpha/data/b.json</td><td class="why">keeps its name</td>' in page
    assert '<td>alpha/old.py</td><td class="why">goes</td>' in page


@pytest.mark.parametrize("args", [(), ("--guard-drops",)])
def test_an_empty_folder_does_not_stand_for_a_package(work: Path, args: tuple[str, ...]) -> None:
    """Python imports an empty folder, and a build leaves none where a whole package goes."""
    write_tree(work / "fn", distribution("beta", "2.0", __init__="NAME = 'beta'\n"))
    app = work / "fn/app.py"
    app.write_text(f"import beta\n{APP}")
    assert run(work, *args).code == 0
    assert "python/beta" not in (work / "slim.shrink.toml").read_text("utf-8")
    assert "beta/__init__.py" in build(work, "--shrink", "slim.shrink.toml")[1]
