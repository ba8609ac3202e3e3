"""Jars that many were merged into, without what nothing reaches: Clojure, and reflective parts."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import Build, build, unpack
from trees import uberjar

pytestmark = [pytest.mark.real, pytest.mark.heavy]

MIN_UBERJAR_BYTES = 100_000_000
MAX_CLOJURE_ZIP_BYTES = 25_000_000
PARTS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def shaken(folder: Path, tree: Path, *options: str) -> tuple[Build, Path]:
    """Build a tree of one jar and a bootstrap that starts it; return the folder that ships, too."""
    copy = folder / "tree"
    copy.mkdir()
    (copy / uberjar.JAR).hardlink_to(tree / uberjar.JAR)
    bootstrap = copy / "bootstrap"
    bootstrap.write_text("#!/bin/sh\nexec java -jar /var/task/app.jar\n")
    bootstrap.chmod(0o755)
    built = build(copy, folder / "out", "--tree-shake", "--level", "6", *options)
    assert built.status == 0, built.said
    return built, unpack(built.zip, folder / "slim")


def test_a_clojure_uberjar_with_the_aws_sdk(folder: Path) -> None:
    tree = uberjar.clojure()
    assert (tree / uberjar.JAR).stat().st_size > MIN_UBERJAR_BYTES
    before = uberjar.ran("java", "-jar", uberjar.JAR, "k1", cwd=tree)
    assert '"host":"bucket.s3.eu-west-1.amazonaws.com"' in before
    built, slim = shaken(folder, tree, "--entry", "shop.core")
    assert uberjar.ran("java", "-jar", uberjar.JAR, "k1", cwd=slim) == before
    assert built.zip.stat().st_size <= MAX_CLOJURE_ZIP_BYTES
    with zipfile.ZipFile(slim / uberjar.JAR) as archive:
        index = archive.read("META-INF/INDEX.LIST").decode().split()[3:]
        places = {place for name in archive.namelist() for place in (name, name.rpartition("/")[0])}
    assert "clojure/core" in index
    assert set(index) <= places


def test_twelve_parts_that_load_themselves_by_name_work(folder: Path) -> None:
    tree = uberjar.parts()
    before = uberjar.ran("java", "-jar", uberjar.JAR, cwd=tree)
    assert "FAILED" not in before
    assert len(re.findall(r"^[a-z0-9]+: ", before, re.MULTILINE)) == PARTS
    built, slim = shaken(folder, tree)
    assert uberjar.ran("java", "-jar", uberjar.JAR, cwd=slim) == before
    (change,) = (row for row in built.report["transforms"] if row["name"] == "archive-repack")
    assert "unreached/app" in {row["component"] for row in change["inside"]}
    with zipfile.ZipFile(slim / uberjar.JAR) as archive:
        names = archive.namelist()
    assert not [
        name for name in names if name.startswith(("com/google/common/", "org/apache/poi/"))
    ]
