"""`slim verify` runs Java and Clojure functions by AWS's client, before and after a build."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.real.need import absent
from tests.support.command import Outcome, slim
from tests.support.trees import write_tree
from tests.support.zips import zip_of
from trees import maven

pytestmark = [pytest.mark.real, pytest.mark.heavy]

ORDER = {"name": "a b/c.txt", "sizes": [3, 9, 4]}
URL = "https://demo.s3.eu-central-1.amazonaws.com/a%20b/c.txt"
HANDLERS = {
    "fn.Shapes$Pojo::handleRequest": {"url": URL, "sum": 16},
    "fn.Handler": {"url": URL, "largest": 9},
    "fn.Shapes$Stream": ORDER,
}


@cache
def java(version: int) -> str:
    """Give the program of a Java of this version."""
    installed = map(str, Path("/usr/lib/jvm").glob("*/bin/java"))
    for program in sorted({shutil.which("java") or "", *installed} - {""}):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if said.stdout.partition(" ")[2].startswith(f"{version}."):
            return program
    return absent(f"there is no Java {version} here")


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with an event, where any user may look."""
    write_tree(tmp_path, {"event.json": json.dumps(ORDER)})
    yield tmp_path
    shutil.rmtree(tmp_path)


def verify(work: Path, version: int, handler: str, function: Path | str, *args: str) -> Outcome:
    """Run a function; ``args`` may name layers and options."""
    named = ("--runtime", f"java{version}", "--handler", handler)
    by = ("--interpreter", java(version), "--client", str(maven.client()))
    given = ("--function", str(function), "--event", "event.json", "--json", "report.json")
    return slim("verify", *args, *given, *named, *by, cwd=work)


def answer(work: Path) -> Any:
    return json.loads((work / "report.json").read_bytes())["run"]["events"][0]["answer"]


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_handlers_of_each_kind_answer_as_before(work: Path, tier: str) -> None:
    original = maven.function()
    options = ("--tier", tier, "--level", "1", "-o", "fn.zip")
    built = slim("build", str(original), *options, cwd=work)
    assert built.code == 0, built.text
    for version in (17, 25):
        for handler, expected in HANDLERS.items():
            outcome = verify(work, version, handler, "fn.zip", "--against", str(original))
            assert outcome.code == 0, outcome.text
            assert answer(work) == expected


@pytest.mark.parametrize("version", [17, 25])
def test_a_java_function_starts_its_own_java(work: Path, version: int) -> None:
    options = ("--env", "JAVA_TOOL_OPTIONS=-Dmine=yes")
    outcome = verify(work, version, "fn.Shapes::runs", maven.function(), *options)
    assert outcome.code == 0, outcome.text
    assert answer(work) == {"spawned": True, "home": "/var/lang", "mine": "yes"}


def test_classes_are_found_where_lambda_looks(work: Path) -> None:
    """A layer's /opt/java/lib counts, and the function may be a jar."""
    made = maven.function()
    own = (made / "fn" / "Looks.class").read_bytes()
    manifest = "Manifest-Version: 1.0\r\n"
    zip_of(work / "fn.jar", {"META-INF/MANIFEST.MF": manifest, "fn/Looks.class": own})
    (work / "event.json").write_text('"org.reactivestreams.Publisher"')
    (work / "layer/java/lib").mkdir(parents=True)
    alone = verify(work, 17, "fn.Looks::looks", "fn.jar")
    assert (alone.code, answer(work)) == (0, "gone"), alone.text
    shutil.copy(next(made.glob("lib/reactive-streams-*.jar")), work / "layer/java/lib")
    with_layer = verify(work, 17, "fn.Looks::looks", "fn.jar", "layer")
    assert (with_layer.code, answer(work)) == (0, "org.reactivestreams.Publisher"), with_layer.text


@pytest.mark.parametrize(
    ("handler", "line"),
    [
        ("fn.Shapes::fails", "java.lang.IllegalStateException: no luck"),
        ("fn.Gone", "java.lang.ClassNotFoundException: Class not found: fn.Gone"),
        ("fn.Shapes::gone", "No public method named gone with appropriate method signature found"),
        ("fn.Shapes", "Class does not implement an appropriate handler interface: fn.Shapes"),
    ],
)
def test_what_is_wrong_with_a_handler_is_said_by_awss_client(
    work: Path, handler: str, line: str
) -> None:
    outcome = verify(work, 17, handler, maven.function())
    assert outcome.code == 5, outcome.text
    assert line in outcome.out
