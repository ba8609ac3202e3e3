"""A real Java runtime with a Clojure uberjar: small, and it runs; real jars keep their classes."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimmer.formats.zip.repack import repack
from tests.real.command import Build, build, unpack
from trees import jvm

pytestmark = pytest.mark.real

MAX_ZIP_BYTES = 24_000_000
CODE = '(println (reduce + (map #(* % %) (range 10))) (clojure.string/join "," (sort [3 1 2])))'


@pytest.fixture(scope="module", params=["default", "aggressive"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    folder = tmp_path_factory.mktemp("jvm")
    yield build(jvm.tree(), folder, "--tier", request.param, "--level", "6")
    shutil.rmtree(folder)


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run `java -jar app.jar -e CODE` with the runtime in a folder."""
    argv = [str(folder / "jre" / "bin" / "java"), "-jar", str(folder / "app.jar"), "-e", code]
    env = {"LANG": "C.UTF-8"}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=env)


def test_it_is_small_and_runs_as_before(built: Build) -> None:
    assert built.status == 0, built.said
    assert built.zip.stat().st_size <= MAX_ZIP_BYTES
    before = run(jvm.tree(), CODE)
    assert before.stdout == "285 1,2,3\n", before.stderr
    after = run(unpack(built.zip, built.folder / "layer"), CODE)
    assert (after.stdout, after.returncode) == (before.stdout, 0), after.stderr


def test_the_report_says_what_was_done_inside_the_uberjar(built: Build) -> None:
    [row] = [t for t in built.report["transforms"] if t["name"] == "archive-repack"]
    with zipfile.ZipFile(jvm.tree() / "app.jar") as archive:
        poms = sum(name.endswith("/pom.xml") for name in archive.namelist())
    assert row["inside"] == [{"component": "jars/maven", "members": poms}]
    [entry] = [e for e in built.report["entries"] if e["path"] == "app.jar"]
    assert entry["unzipped_bytes"] > entry["size_bytes"] > entry["zip_bytes"]


def held(data: bytes) -> dict[str, tuple[bytes, tuple[int, ...]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {i.filename: (archive.read(i), i.date_time) for i in archive.infolist()}


def test_debians_jars_keep_every_member_and_its_time() -> None:
    found: list[Path] = jvm.jars()
    assert found
    for path in found:
        data = path.read_bytes()
        assert held(repack(data).data) == held(data), path.name


def test_of_debians_jars_those_that_the_uberjar_holds_go_when_asked_to(tmp_path: Path) -> None:
    lib = tmp_path / "app" / "lib"
    lib.mkdir(parents=True)
    shutil.copy(jvm.tree() / "app.jar", lib)
    for path in jvm.jars():
        shutil.copy(path, lib)
    built = build(tmp_path / "app", tmp_path, "--tier", "aggressive", "--level", "1")
    dropped = {e["path"] for e in built.report["entries"] if e.get("rule") == "shaded/jars"}
    with zipfile.ZipFile(lib / "app.jar") as archive:
        held = set(archive.namelist())
    assert "lib/spec.alpha.jar" in dropped
    for path in dropped:
        with zipfile.ZipFile(tmp_path / "app" / path) as archive:
            assert {n for n in archive.namelist() if n.endswith(".class")} <= held
    after = unpack(built.zip, tmp_path / "layer")
    shutil.copytree(jvm.tree() / "jre", after / "jre", symlinks=True)
    (after / "lib" / "app.jar").rename(after / "app.jar")
    assert run(after, CODE).stdout == "285 1,2,3\n"
