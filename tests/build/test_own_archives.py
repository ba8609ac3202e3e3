"""Archives that a program hands on stay byte for byte; jars on a class path are repacked."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.installed import record
from tests.support.trees import write_tree
from tests.support.zips import zipped

# Members that are alike, and hard to compress one by one.
WORDS = [hashlib.sha256(b"%d" % number).hexdigest().encode() for number in range(99)]
ARCHIVE = zipped({f"m{n}.txt": b"\n".join(WORDS[n:]) for n in range(9)})
SCRIPT = '#!/bin/sh\nexec "$PWD/jre/bin/java" -cp "app/*:extra.jar" Main\n'
JRE = {"jre/lib/server/libjvm.so": "", "jre/lib/jvm.cfg": ""}


def changed(tree: Path, work: Path, *options: str) -> tuple[set[str], str]:
    """Build a tree; return the archives whose bytes differ, and what the build said."""
    done = slim("build", str(tree), "-o", "out.zip", "--json", "out.json", *options, cwd=work)
    assert done.code == 0, done.err
    before = {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).digest()
        for path in tree.rglob("*")
        if path.suffix in (".jar", ".war", ".zip", ".ez", ".whl")
    }
    with zipfile.ZipFile(work / "out.zip") as made:
        after = {path: hashlib.sha256(made.read(path)).digest() for path in before}
    rows = json.loads((work / "out.json").read_text("utf-8"))["entries"]
    assert {r["path"] for r in rows if "transform" in r} == {
        p for p in before if before[p] != after[p]
    }
    return {path for path in before if before[path] != after[path]}, done.out + done.err


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_what_a_function_hands_on_keeps_its_checksum(tier: str, tmp_path: Path) -> None:
    own = ("child.zip", "index/acme-1.0-py3-none-any.whl", "children/hello.jar", "lib/tool.ez")
    theirs: dict[str, bytes | str] = {
        "templates/x.zip": ARCHIVE,
        "templates-1.dist-info/METADATA": "Name: templates\n",
        "templates-1.dist-info/RECORD": record(["templates/x.zip"]),
    }
    code: dict[str, bytes | str] = {"app.py": "", "lib/child.jar": ARCHIVE}
    tree = write_tree(tmp_path / "tree", {**dict.fromkeys(own, ARCHIVE), **code, **theirs})
    assert changed(tree, tmp_path, "--tier", tier)[0] == {"templates/x.zip"}


def test_an_archive_whose_checksum_the_code_above_it_compares_stays(tmp_path: Path) -> None:
    code = f"SHA256 = {{'a-1-py3-none-any.whl': '{hashlib.sha256(ARCHIVE).hexdigest()}'}}\n"
    wheels = ("seed/embed/a-1-py3-none-any.whl", "seed/embed/b-1-py3-none-any.whl")
    installed: dict[str, bytes | str] = {
        "seed/__init__.py": code,
        "seed-1.dist-info/METADATA": "Name: seed\n",
        "seed-1.dist-info/RECORD": record(["seed/__init__.py", *wheels]),
    }
    tree = write_tree(tmp_path / "tree", {**dict.fromkeys(wheels, ARCHIVE), **installed})
    repacked, said = changed(tree, tmp_path)
    assert repacked == {wheels[1]}
    assert f"{wheels[0]}: kept byte for byte, as seed/__init__.py states the checksum" in said


@pytest.mark.parametrize(
    ("files", "target", "repacked"),
    [
        ({}, "lambda", {"app.jar", "lib/a.jar"}),
        (JRE, "lambda", {"app.jar", "lib/a.jar"}),
        ({"app.py": "", **JRE}, "lambda", {"app.jar", "lib/a.jar"}),
        ({"app.py": ""}, "lambda", set()),
        ({"app.py": ""}, "java21", {"app.jar", "lib/a.jar"}),
        ({}, "python3.12", set()),
        ({"app.py": "", "bootstrap": SCRIPT}, "lambda", {"app/b.jar", "extra.jar"}),
    ],
)
def test_jars_on_a_class_path_are_repacked_and_named(
    files: dict[str, str], target: str, repacked: set[str], tmp_path: Path
) -> None:
    jars = ("app.jar", "lib/a.jar", "children/c.jar", "app/b.jar", "extra.jar")
    named = {p for p in jars if p != "extra.jar" or "bootstrap" in files}
    tree = write_tree(tmp_path / "tree", {**dict.fromkeys(named, ARCHIVE), **files})
    found, said = changed(tree, tmp_path, "--target", target, "--foreign", "keep")
    assert found == repacked
    assert ("note: " in said and "repacked, as on the class path" in said) == bool(repacked)


def test_keep_bytes_wins(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "tree", {"lib/a.jar": ARCHIVE})
    found, said = changed(tree, tmp_path, "--keep-bytes", "*.jar")
    assert found == set()
    assert "class path" not in said
