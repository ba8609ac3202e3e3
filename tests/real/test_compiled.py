"""What runtimes compiled is used after a build as before: Clojure's classes, AppCDS archives."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.real.command import build, tool
from trees import jvm

pytestmark = [pytest.mark.real, pytest.mark.heavy]

WHEN_S = 1_793_527_201
JAVA = "jre/bin/java"
CODE = "(require 'app.core)"
SOURCES = {
    "app/core.clj": "(ns app.core (:require [clojure.string :as s] app.readers))\n"
    '(println "hello" (s/upper-case "world") #app/point [1 2])\n',
    "app/readers.clj": "(ns app.readers)\n(defn point [[x y]] {:x x :y y})\n",
    "data_readers.clj": "{app/point app.readers/point}\n",
}
COMPILE = """
(require 'app.readers)
(binding [*compile-path* "."] (compile 'app.readers) (compile 'app.core))
"""


def ran(folder: Path, *argv: str) -> str:
    command = [str(jvm.tree() / JAVA), *argv]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def start(folder: Path) -> tuple[str, int]:
    """Return what the program prints, and how many classes Clojure compiles while it starts."""
    out = ran(folder, "-Xlog:class+load:file=loaded.txt", "-cp", ".", "clojure.main", "-e", CODE)
    log = folder / "loaded.txt"
    compiled = log.read_text("utf-8").count("clojure.lang.DynamicClassLoader")
    log.unlink()
    return out, compiled


@pytest.fixture(scope="module")
def exploded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uberjar as Lambda unpacks it, with a compiled application that has data readers."""
    tree = tmp_path_factory.mktemp("clojure") / "tree"
    with zipfile.ZipFile(jvm.tree() / "app.jar") as jar:
        jar.extractall(tree)
    (tree / "app").mkdir()
    for path, text in SOURCES.items():
        (tree / path).write_text(text, "utf-8")
    set_times(tree, WHEN_S, 1)
    ran(tree, "-cp", ".", "clojure.main", "-e", COMPILE)
    set_times(tree, WHEN_S, 1)
    return tree


def set_times(tree: Path, time_s: int, newer_s: int) -> None:
    """Give every file a time, and every class a newer one."""
    for path in tree.rglob("*"):
        of_this_s = time_s + newer_s * path.name.endswith(".class")
        os.utime(path, (of_this_s, of_this_s))


def unpacked(archive: Path, dest: Path) -> Path:
    """Unpack as Lambda does: in UTC."""
    done = subprocess.run(
        ["unzip", "-q", archive, "-d", dest], env={**os.environ, "TZ": "UTC"}, check=False
    )
    assert done.returncode == 0
    return dest


@pytest.mark.parametrize(
    "tier",
    [
        "default",
        pytest.param("safe", marks=pytest.mark.heavy),
        pytest.param("aggressive", marks=pytest.mark.heavy),
    ],
)
def test_an_exploded_uberjar_compiles_nothing_at_its_start(
    exploded: Path, tmp_path: Path, tier: str
) -> None:
    before = start(exploded)
    assert before[0] == "hello WORLD {:x 1, :y 2}\n"
    built = build(exploded, tmp_path, "--tier", tier, "--level", "1")
    assert "compiled-unused" not in {each["code"] for each in built.report["findings"]}
    assert start(unpacked(built.zip, tmp_path / "layer")) == before


def test_other_times_of_the_same_order_give_the_same_bytes(exploded: Path, tmp_path: Path) -> None:
    one = build(exploded, tmp_path / "one", "--level", "1")
    copy = shutil.copytree(exploded, tmp_path / "copy")
    set_times(copy, 1_000_000_000, 77)
    other = build(copy, tmp_path / "two", "--level", "1")
    assert one.zip.read_bytes() == other.zip.read_bytes()


def test_an_archive_of_classes_is_used_after_a_build(exploded: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "lib").mkdir(parents=True)
    shutil.copytree(jvm.tree() / "jre", tree / "jre", symlinks=True)
    assert tool("zip", "-qr", tree / "lib/app.jar", ".", cwd=exploded).returncode == 0
    os.utime(tree / "lib/app.jar", (WHEN_S, WHEN_S))
    program = ("-cp", "lib/app.jar", "clojure.main", "-e", CODE)
    for options in (("-Xshare:dump",), ("-XX:ArchiveClassesAtExit=app.jsa", *program)):
        done = subprocess.run([tree / JAVA, *options], cwd=tree, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    built = build(tree, tmp_path / "out", "--level", "1")
    said = {each["code"]: each["message"] for each in built.report["findings"]}
    assert said["compiled-recorded"].startswith("app.jsa states the time and size of lib/app.jar")
    after = unpacked(built.zip, tmp_path / "layer")
    argv = [str(after / JAVA), "-Xshare:on", "-XX:SharedArchiveFile=app.jsa", *program]
    log = subprocess.run(
        [*argv[:3], "-Xlog:class+load", *argv[3:]],
        cwd=after,
        capture_output=True,
        text=True,
        check=False,
    )
    assert log.returncode == 0, log.stdout + log.stderr
    assert "source: shared objects file (top)" in log.stdout
    os.utime(after / "lib/app.jar")
    assert subprocess.run(argv, cwd=after, capture_output=True, check=False).returncode
