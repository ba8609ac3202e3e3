"""A real Java runtime with a Clojure uberjar: small, and it runs; real jars keep their classes."""

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimmer.formats.zip.repack import repack
from tests.formats.test_repack import CLASSES
from tests.real.command import Build, build, tool, unpack
from trees import jvm

pytestmark = pytest.mark.real

MAX_ZIP_BYTES = 24_000_000
POM = "META-INF/maven/com.example/shop/pom.xml"
ORDER = ("02-z.txt", "01-a.txt", "03-b.txt", POM)
MEDIA = ("web/img/logo.png", "web/admin/logo.png")
# What a program sees of a jar and of a folder: members in order with their times, a resource of
# its own, regular files.
LOOK = """
(let [root (System/getProperty "look")
      jar (java.util.jar.JarFile. (str root "/lib/shop.jar"))
      loader (java.net.URLClassLoader.
               (into-array [(.toURL (.toURI (java.io.File. (str root "/lib/shop.jar"))))]) nil)]
  (doseq [entry (enumeration-seq (.entries jar))]
    (println (.getName entry) (.getTime entry) (str (.getLastAccessTime entry))))
  (println (slurp (.getResourceAsStream loader "META-INF/maven/com.example/shop/pom.xml")))
  (doseq [path ["web/img/logo.png" "web/admin/logo.png"]]
    (println path (java.nio.file.Files/isRegularFile
      (java.nio.file.Paths/get root (into-array [path]))
      (into-array [java.nio.file.LinkOption/NOFOLLOW_LINKS])))))
"""
CODE = '(println (reduce + (map #(* % %) (range 10))) (clojure.string/join "," (sort [3 1 2])))'


@pytest.fixture(scope="module", params=["default", "aggressive"])
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    folder = tmp_path_factory.mktemp("jvm")
    yield build(jvm.tree(), folder, "--tier", request.param, "--level", "6")
    shutil.rmtree(folder)


def run(folder: Path, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `java -jar app.jar -e CODE` with the runtime in a folder, in Berlin."""
    argv = [str(folder / "jre/bin/java"), *options, "-jar", str(folder / "app.jar"), "-e", code]
    env = {"LANG": "C.UTF-8", "TZ": "Europe/Berlin"}
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=env)


def test_it_is_small_and_runs_as_before(built: Build) -> None:
    assert built.status == 0, built.said
    assert built.zip.stat().st_size <= MAX_ZIP_BYTES
    before = run(jvm.tree(), CODE)
    assert before.stdout == "285 1,2,3\n", before.stderr
    after = run(unpack(built.zip, built.folder / "layer"), CODE)
    assert (after.stdout, after.returncode) == (before.stdout, 0), after.stderr


def test_the_report_says_that_the_uberjar_grew_by_being_stored(built: Build) -> None:
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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application's jar, made by zip with extended times, and an image that is there twice."""
    tree = tmp_path_factory.mktemp("shop") / "tree"
    for name, data in (CLASSES | {name: name.encode() for name in ORDER}).items():
        file = tree / "lib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (1_719_792_001, 1_719_792_001 + len(name)))
    done = tool("zip", "-q", "shop.jar", *ORDER, *CLASSES, cwd=tree / "lib")
    assert done.returncode == 0, done.stderr
    for path in MEDIA:
        (tree / path).parent.mkdir(parents=True)
        (tree / path).write_bytes(b"\x89PNG" * 500)
    return tree


def look(tree: Path) -> str:
    done = run(jvm.tree(), LOOK, f"-Dlook={tree}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_java_sees_in_a_jar_what_it_saw(shop: Path, tmp_path: Path, tier: str) -> None:
    before = look(shop)
    assert [line.split()[0] for line in before.splitlines()[:3]] == list(ORDER[:3])
    assert before.count("true") == len(MEDIA)
    built = build(shop, tmp_path, "--tier", tier)
    after = unpack(built.zip, tmp_path / "layer")
    assert (after / "lib/shop.jar").stat().st_size > (shop / "lib/shop.jar").stat().st_size
    assert look(after) == before
