"""Modules that slim.shrink.toml names inside a Java runtime ship without their bytes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slimmer.ecosystems.java.hollow import hollowable
from slimmer.ecosystems.java.module_facts import load_module_facts
from tests.ecosystems.java.test_hollow import MODULES
from tests.support.command import slim
from tests.support.jimages import jimage
from tests.support.natives import LINUX
from tests.support.trees import write_tree

DATA = jimage(MODULES)
DIGEST = hollowable(DATA, load_module_facts())["java.xml"].digest
JRE = {
    "jre/release": b'JAVA_VERSION="25"\n',
    "jre/lib/jvm.cfg": b"-server KNOWN\n",
    "jre/lib/server/libjvm.so": LINUX,
    "jre/lib/modules": DATA,
}
FILE = """format = 1
guard = true
[[unit]]
name = "java/java.xml"
bytes = 8
why = "no event loaded a class of it"
seen = "{digest}"
inside = "{inside}"
"""


def built(
    folder: Path, *options: str, digest: str = DIGEST, inside: str = "jre/lib/modules"
) -> tuple[dict[str, bytes], str]:
    """Return the files of the zip, and what was said."""
    write_tree(folder / "tree", JRE)
    (folder / "slim.shrink.toml").write_text(FILE.format(digest=digest, inside=inside))
    done = slim(
        *("build", "tree", "-o", "out.zip", "--shrink", "slim.shrink.toml", *options), cwd=folder
    )
    assert done.code == 0, done.text
    with zipfile.ZipFile(folder / "out.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}, done.text


def test_its_bytes_are_zeros_and_the_list_says_who_did_it(tmp_path: Path) -> None:
    files, said = built(tmp_path)
    after = files["jre/lib/modules"]
    assert after == DATA.replace(b"12345123", bytes(8))
    assert files["slim.dropped"] == b"jrt:/org/xml/sax slim.shrink.toml:4\n"
    assert "jre/lib/modules: 1 module without bytes, 8 B: java.xml" in said


@pytest.mark.parametrize(
    "options", [("--observe",), ("--keep", "jre/lib/modules"), ("--keep", "jre/")]
)
def test_it_ships_whole_where_the_user_says_so(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert built(tmp_path, *options)[0]["jre/lib/modules"] == DATA


def test_another_release_of_it_goes_all_the_same_with_a_warning(tmp_path: Path) -> None:
    files, said = built(tmp_path, digest="0" * 16)
    assert files["jre/lib/modules"] != DATA
    assert "java/java.xml has changed since slim shrink saw it, and is dropped as before" in said


@pytest.mark.parametrize("inside", ["jre/lib/other", "jre/release"])
def test_what_is_no_list_of_modules_stays(tmp_path: Path, inside: str) -> None:
    files, said = built(tmp_path, inside=inside)
    assert files["jre/lib/modules"] == DATA
    assert "java/java.xml is not in the tree any more" in said
