"""Jars that many were merged into, without what nothing reaches: Clojure, and reflective parts."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.real.command import Build, build, unpack
from trees import maven

pytestmark = [pytest.mark.real, pytest.mark.heavy]

MIN_UBERJAR_BYTES = 100_000_000
MAX_CLOJURE_ZIP_BYTES = 25_000_000
COMPILE = '(binding [*compile-path* "classes"] (compile \'shop.core))'
USED = ("core", "s3", "dynamodb", "kms", "sts")
LARGE = ("ec2", "sagemaker", "quicksight")  # of those that nothing uses
EVERY = 3  # of the other services: with all of them the jar would be 300 MB
#: What tools for uberjars leave out.
LEFT_OUT = re.compile(
    r"META-INF/(?:MANIFEST\.MF|INDEX\.LIST|[^/]+\.(?:SF|RSA|DSA))|(?:.*/)?module-info\.class|.*/"
)
JOINED = ("META-INF/services/", "data_readers.clj")
PARTS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def ran(*argv: str | Path, cwd: Path) -> str:
    env = {"PATH": "/usr/bin:/bin", "AWS_JAVA_V1_DISABLE_DEPRECATION_ANNOUNCEMENT": "true"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def merged(dest: Path, main: str, folders: Iterable[Path], jars: Iterable[Path]) -> Path:
    """Merge folders and jars into one jar as Leiningen does: who comes first has a file."""
    joined: dict[str, bytes] = {}
    with zipfile.ZipFile(dest, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "META-INF/MANIFEST.MF",
            f"Manifest-Version: 1.0\r\nMain-Class: {main}\r\nMulti-Release: true\r\n\r\n",
        )
        seen: set[str] = set()
        for name, data, second in members(folders, jars):
            if name in seen or LEFT_OUT.fullmatch(name):
                continue
            if name.startswith(JOINED):
                joined[name] = joined.get(name, b"") + data.rstrip() + b"\n"
                continue
            seen.add(name)
            out.writestr(
                zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, second)), data, zipfile.ZIP_DEFLATED
            )
        for name, data in joined.items():
            out.writestr(name, data)
    return dest


def members(folders: Iterable[Path], jars: Iterable[Path]) -> Iterator[tuple[str, bytes, int]]:
    """Yield all files, and their seconds: Clojure takes a class that is newer than its source."""
    for top in folders:
        for file in sorted(path for path in top.rglob("*") if path.is_file()):
            name = file.relative_to(top).as_posix()
            yield name, file.read_bytes(), 2 * name.endswith(".class")
    for jar in jars:
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                yield name, archive.read(name), 2 * name.endswith(".class")


def shaken(folder: Path, jar: Path, *options: str) -> tuple[Build, Path]:
    """Build a tree of one jar and a bootstrap that starts it; return the jar that ships, too."""
    tree = folder / "tree"
    tree.mkdir()
    jar.rename(tree / "app.jar")
    bootstrap = tree / "bootstrap"
    bootstrap.write_text("#!/bin/sh\nexec java -jar /var/task/app.jar\n")
    bootstrap.chmod(0o755)
    built = build(tree, folder / "out", "--tree-shake", "--level", "6", *options)
    assert built.status == 0, built.said
    return built, unpack(built.zip, folder / "slim") / "app.jar"


def is_picked(number: int, jar: Path) -> bool:
    """Return whether a jar goes in: all that is used, and some of the other services."""
    if not jar.name.startswith("aws-java-sdk-"):
        return True
    always = tuple(f"aws-java-sdk-{name}-1" for name in (*USED, *LARGE))
    return number % EVERY == 0 or jar.name.startswith(always)


def test_a_clojure_uberjar_with_the_aws_sdk(folder: Path) -> None:
    every = sorted(maven.libraries("sdk").glob("*.jar"))
    jars = [jar for number, jar in enumerate(every) if is_picked(number, jar)]
    source, classes = maven.APPS / "sdk/src", folder / "classes"
    classes.mkdir()
    path = ":".join(map(str, (source, classes, *jars)))
    ran("java", "-cp", path, "clojure.main", "-e", COMPILE, cwd=folder)
    uberjar = merged(folder / "uber.jar", "shop.core", [classes, source], jars)
    assert uberjar.stat().st_size > MIN_UBERJAR_BYTES
    ran("jar", "-i", uberjar, cwd=folder)  # an index, which must not name what is gone
    before = ran("java", "-jar", uberjar, "k1", cwd=folder)
    assert '"host":"bucket.s3.eu-west-1.amazonaws.com"' in before
    built, slim = shaken(folder, uberjar, "--entry", "shop.core")
    assert ran("java", "-jar", slim, "k1", cwd=folder) == before
    assert built.zip.stat().st_size <= MAX_CLOJURE_ZIP_BYTES


def test_twelve_parts_that_load_themselves_by_name_work(folder: Path) -> None:
    jars = sorted(maven.libraries("parts").glob("*.jar"))
    jars = [jar for jar in jars if not jar.name.startswith("xml-apis-")]
    source, classes = maven.APPS / "parts/src", folder / "classes"
    path = ":".join(map(str, jars))
    ran("javac", "-cp", path, "-d", classes, source / "demo/Parts.java", cwd=folder)
    fat = merged(folder / "fat.jar", "demo.Parts", [classes, source], jars)
    before = ran("java", "-jar", fat, cwd=folder)
    assert "FAILED" not in before
    assert len(re.findall(r"^[a-z0-9]+: ", before, re.MULTILINE)) == PARTS
    built, slim = shaken(folder, fat)
    assert ran("java", "-jar", slim, cwd=folder) == before
    (change,) = (row for row in built.report["transforms"] if row["name"] == "archive-repack")
    assert "unreached/app" in {row["component"] for row in change["inside"]}
    with zipfile.ZipFile(slim) as archive:
        names = archive.namelist()
    assert not [
        name for name in names if name.startswith(("com/google/common/", "org/apache/poi/"))
    ]
