"""Jars that many were merged into, as tools for uberjars do it; each made once, kept in build/."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from trees import REAL, Unavailable, debian, digest, maven, once

JAR = "app.jar"
_COMPILE = '(binding [*compile-path* "classes"] (compile \'shop.core))'
_USED = ("core", "s3", "dynamodb", "kms", "sts")
_LARGE = ("ec2", "sagemaker", "quicksight")  # of those that nothing uses
_EVERY = 3  # of the other services: with all of them the jar would be 300 MB
#: What tools for uberjars leave out.
_LEFT_OUT = re.compile(
    r"META-INF/(?:MANIFEST\.MF|INDEX\.LIST|[^/]+\.(?:SF|RSA|DSA))|(?:.*/)?module-info\.class|.*/"
)
_JOINED = ("META-INF/services/", "data_readers.clj")


@once
def clojure() -> Path:
    """Give a folder with a Clojure program, an AWS SDK of some 120 services in it, and an index."""
    every = sorted(maven.libraries("sdk").glob("*.jar"))
    jars = [jar for number, jar in enumerate(every) if _is_picked(number, jar)]
    source = maven.APPS / "sdk/src"
    dest = REAL / f"uberjar-clojure-{digest(maven.APPS / 'sdk')}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            classes = folder / "classes"
            classes.mkdir()
            path = ":".join(map(str, (source.resolve(), classes, *(j.resolve() for j in jars))))
            ran("java", "-cp", path, "clojure.main", "-e", _COMPILE, cwd=folder)
            _merge(folder / JAR, "shop.core", [classes, source], jars)
            ran("jar", "-i", JAR, cwd=folder)
            shutil.rmtree(classes)
    return dest


@once
def parts() -> Path:
    """Give a folder with a program of twelve parts that load classes by names, in one jar."""
    jars = sorted(maven.libraries("parts").glob("*.jar"))
    jars = [jar.resolve() for jar in jars if not jar.name.startswith("xml-apis-")]
    source = maven.APPS / "parts/src"
    dest = REAL / f"uberjar-parts-{digest(maven.APPS / 'parts')}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            classes, path = folder / "classes", ":".join(map(str, jars))
            main = source.resolve() / "demo/Parts.java"
            ran("javac", "-encoding", "UTF-8", "-cp", path, "-d", "classes", str(main), cwd=folder)
            _merge(folder / JAR, "demo.Parts", [classes, source], jars)
            shutil.rmtree(classes)
    return dest


def ran(*argv: str, cwd: Path) -> str:
    """Return what a program of Java's says. Raises Unavailable where it fails, or is not there."""
    env = {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "AWS_JAVA_V1_DISABLE_DEPRECATION_ANNOUNCEMENT": "true",
    }
    try:
        done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable(f"no {argv[0]} here; install a JDK of 17 and Maven") from None
    if done.returncode:
        raise Unavailable(f"{argv[0]} fails: {done.stdout}{done.stderr}")
    return done.stdout


def _merge(dest: Path, main: str, folders: Iterable[Path], jars: Iterable[Path]) -> None:
    """Merge folders and jars into one jar as Leiningen does: who comes first has a file."""
    joined: dict[str, bytes] = {}
    with zipfile.ZipFile(dest, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "META-INF/MANIFEST.MF",
            f"Manifest-Version: 1.0\r\nMain-Class: {main}\r\nMulti-Release: true\r\n\r\n",
        )
        seen: set[str] = set()
        for name, data, second in _members(folders, jars):
            if name in seen or _LEFT_OUT.fullmatch(name):
                continue
            if name.startswith(_JOINED):
                joined[name] = joined.get(name, b"") + data.rstrip() + b"\n"
                continue
            seen.add(name)
            out.writestr(
                zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, second)), data, zipfile.ZIP_DEFLATED
            )
        for name, data in joined.items():
            out.writestr(name, data)


def _members(folders: Iterable[Path], jars: Iterable[Path]) -> Iterator[tuple[str, bytes, int]]:
    """Yield all files, and their seconds: Clojure takes a class that is newer than its source."""
    for top in folders:
        for file in sorted(path for path in top.rglob("*") if path.is_file()):
            name = file.relative_to(top).as_posix()
            yield name, file.read_bytes(), 2 * name.endswith(".class")
    for jar in jars:
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                yield name, archive.read(name), 2 * name.endswith(".class")


def _is_picked(number: int, jar: Path) -> bool:
    """Return whether a jar goes in: all that is used, and some of the other services."""
    if not jar.name.startswith("aws-java-sdk-"):
        return True
    always = tuple(f"aws-java-sdk-{name}-1" for name in (*_USED, *_LARGE))
    return number % _EVERY == 0 or jar.name.startswith(always)
