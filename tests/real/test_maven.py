"""Java as Maven brings it: a signed library in Spring Boot, natives in jars, images in Tomcat."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from trees import maven

pytestmark = [pytest.mark.real, pytest.mark.heavy]

UNUSED = ("commons-math3", "curvesapi")  # nothing in the application names them
MAX_BOOT_ZIP_BYTES = 51_500_000
MAX_NATIVES_ZIP_BYTES = 3_000_000
START_S = 120
BOOT = "demo-1.0.jar"
SIGNED = "BOOT-INF/lib/bcprov-jdk18on-1.78.1.jar"
ENDPOINTS = ("note", "hash", "pom", "actuator/health")
MEDIA = ("img/logo.png", "admin/logo.png")
USED = "sqlite 42\nzstd again and again and again\nsnappy again and again and again\njna 5\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def ran(*argv: str | Path, cwd: Path | None = None) -> str:
    env = {"PATH": "/usr/bin:/bin", "TZ": "Europe/Berlin"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def answers(jar: Path) -> dict[str, str]:
    """Start an application, and ask it for each of its endpoints."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        ["java", "-jar", jar.name, f"--server.port={port}"],
        cwd=jar.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            until = time.monotonic() + START_S
            while time.monotonic() < until and server.poll() is None:
                with contextlib.suppress(OSError):
                    return {name: asked(f"http://127.0.0.1:{port}/{name}") for name in ENDPOINTS}
                time.sleep(0.5)
        finally:
            server.terminate()
    pytest.fail("it does not start")


def asked(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - http alone
        return str(answer.read().decode())


def test_spring_boot_with_a_signed_library_is_small_and_answers(folder: Path) -> None:
    tree = maven.packaged("boot")
    built = build(tree, folder)
    assert built.status == 0, built.said
    assert built.zip.stat().st_size <= MAX_BOOT_ZIP_BYTES
    layer = unpack(built.zip, folder / "layer")
    before = answers(tree / BOOT)
    assert before["actuator/health"] == '{"status":"UP"}'
    assert answers(layer / BOOT) == before
    for jar, where in ((tree / BOOT, folder / "before"), (layer / BOOT, folder / "after")):
        where.mkdir()
        ran("jar", "xf", jar, SIGNED, cwd=where)
        assert "jar verified." in ran("jarsigner", "-verify", where / SIGNED)


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_libraries_with_natives_are_small_and_work(folder: Path, tier: str) -> None:
    tree = maven.libraries("natives")
    built = build(tree, folder, "--tier", tier)
    assert built.status == 0, built.said
    assert built.zip.stat().st_size <= MAX_NATIVES_ZIP_BYTES
    assert ran("java", "-cp", f"{tree}:{tree}/*", "Use") == USED
    layer = unpack(built.zip, folder / "layer")
    assert ran("java", "-cp", f"{layer}:{layer}/*", "Use") == USED


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_tomcat_serves_both_of_two_identical_images(folder: Path, tier: str) -> None:
    tree = shutil.copytree(maven.libraries("tomcat"), folder / "tree")
    for name in MEDIA:
        (tree / "web" / name).parent.mkdir(parents=True)
        (tree / "web" / name).write_bytes(b"\x89PNG" * 5_000)
    built = build(tree, folder, "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    for served in (tree, unpack(built.zip, folder / "layer")):
        said = ran("java", "-cp", f"{served}:{served}/*", "Serve", served / "web", folder, *MEDIA)
        assert said == "".join(f"{name} 200\n" for name in MEDIA)


def test_nested_jars_that_nothing_reaches_go_and_the_rest_stays_stored(folder: Path) -> None:
    tree = folder / "tree"
    tree.mkdir()
    shutil.copy(maven.packaged("boot") / BOOT, tree)
    unused = [next(maven.libraries("parts").glob(f"{name}-[0-9]*.jar")) for name in UNUSED]
    asked = next(maven.libraries("parts").glob("icu4j-*.jar"))  # h2 names its Collator
    with zipfile.ZipFile(tree / BOOT, "a") as archive:
        for jar in (*unused, asked):
            archive.write(jar, f"BOOT-INF/lib/{jar.name}", zipfile.ZIP_STORED)
        before = archive.namelist()
    (tree / "bootstrap").write_text(f"#!/bin/sh\nexec java -jar /var/task/{BOOT}\n")
    built = build(tree, folder / "out", "--tree-shake", "--level", "1")
    assert built.status == 0, built.said
    slim = unpack(built.zip, folder / "slim") / BOOT
    with zipfile.ZipFile(slim) as archive:
        gone = [name for name in before if name not in archive.namelist()]
        nested = [m for m in archive.infolist() if m.filename.endswith(".jar")]
    assert gone == [f"BOOT-INF/lib/{jar.name}" for jar in unused]
    assert {member.compress_type for member in nested} == {zipfile.ZIP_STORED}
    assert answers(slim) == answers(tree / BOOT)
