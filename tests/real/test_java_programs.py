"""Java's programs that once broke without a word answer as before, at every tier."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import jvm, maven

pytestmark = pytest.mark.real

TIERS = ("safe", "default", "aggressive")
# Resources of the application's own in folders whose names mislead.
RESOURCES = (
    *("com/example/app/messages.properties", "com/example/app/messages_fr.properties"),
    *("com/example/app/Mapper.xml", "com/example/app/schema.sql", "com/example/app/view.html"),
    *("test/fixture.yml", "org/acme/tests/q.sql", "templates/x.c"),
)
LOOK = """
package com.example.app;
import java.nio.file.*;
import java.util.*;
public class Look {
    public static void main(String[] names) throws Exception {
        var bundle = ResourceBundle.getBundle("com.example.app.messages", Locale.FRENCH);
        System.out.println(bundle.getString("name") + " " + ev.Ev.answer());
        for (String name : names)
            try (var in = Look.class.getResourceAsStream(name)) {
                System.out.println(name + " " + (in == null ? "none" : in.readAllBytes().length));
            }
        try (var found = Files.find(Path.of(System.getProperty("look")), 9,
                (path, is) -> is.isRegularFile() && path.toString().endsWith(".png"))) {
            System.out.println(found.count());
        }
    }
}
"""
EV = "package ev; public class Ev { public static int answer() { return 42; } }"
SAMPLE = "/com/example/demo/Sample.java"
COMPILE = """
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import javax.tools.*;
public class Compile {
    public static void main(String[] args) throws Exception {
        var file = new SimpleJavaFileObject(URI.create("string:///A.java"),
                JavaFileObject.Kind.SOURCE) {
            public CharSequence getCharContent(boolean ignored) { return "class A {}"; }
        };
        var said = new StringWriter();
        var options = List.of("--release", "11", "-d", args[0]);
        var compiler = ToolProvider.getSystemJavaCompiler();
        System.out.println(compiler.getTask(said, null, null, options, null, List.of(file)).call());
        System.out.print(said);
    }
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def jar(path: Path, files: dict[str, bytes]) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)


def application(folder: Path) -> Path:
    """Make classes at the root, their resources, a library, and a jar that shows a source."""
    classes = jvm.compiled(folder / "classes", **{"com.example.app.Look": LOOK, "ev.Ev": EV})
    tree = folder / "tree"
    tree.mkdir()
    (classes / "com").rename(tree / "com")
    write_tree(tree, {name: f"name = {name}\n" for name in RESOURCES})
    write_tree(tree, dict.fromkeys(("web/img/a.png", "web/admin/a.png"), b"\x89PNG" * 5_000))
    jar(tree / "lib/event-sources.jar", {"ev/Ev.class": (classes / "ev/Ev.class").read_bytes()})
    jar(tree / "lib/shop.jar", {SAMPLE[1:]: b"class Sample {}\n", "shop/A.class": b"\xca\xfe"})
    return tree


def looked(tree: Path) -> str:
    names = (*(f"/{name}" for name in RESOURCES), SAMPLE)
    options = (f"-Dlook={tree}", "-cp", f"{tree}:{tree}/lib/*", "com.example.app.Look")
    return java(jvm.tree() / "jre", *options, *names)


def java(runtime: Path, *args: Path | str) -> str:
    argv = (runtime / "bin" / "java", *args)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_application_finds_its_classes_and_resources(folder: Path) -> None:
    tree = application(folder)
    before = looked(tree)
    assert before.splitlines()[0] == "com/example/app/messages_fr.properties 42"
    assert "none" not in before
    assert before.endswith("Sample.java 16\n2\n")
    for tier in TIERS:
        built = build(tree, folder / tier, "--tier", tier, "--level", "1")
        assert built.status == 0, built.said
        assert looked(unpack(built.zip, folder / f"{tier}-layer")) == before, tier


@pytest.mark.heavy
@pytest.mark.parametrize("tier", TIERS)
def test_a_compiler_in_a_runtime_still_knows_older_versions(folder: Path, tier: str) -> None:
    classes = jvm.compiled(folder / "classes", Compile=COMPILE)
    runtime = jvm.runtime("java.base", "jdk.compiler", "jdk.zipfs")
    run = ("-cp", classes, "Compile", folder)
    assert java(runtime, *run) == "true\n"
    built = build(runtime, folder, "--tier", tier, "--level", "1")
    assert built.status == 0, built.said
    assert java(unpack(built.zip, folder / "layer"), *run) == "true\n"


@pytest.mark.heavy
def test_templates_of_a_generator_in_a_library_stay(folder: Path) -> None:
    tree = maven.libraries("codestarts")
    for tier in TIERS:
        built = build(tree, folder / tier, "--tier", tier, "--level", "1")
        assert built.status == 0, built.said
        layer = unpack(built.zip, folder / f"{tier}-layer")
        [before, after] = [templates(each) for each in (tree, layer)]
        assert len(before) > 10
        assert after == before


def templates(tree: Path) -> list[str]:
    [library] = tree.glob("quarkus-devtools-base-codestarts-*.jar")
    with zipfile.ZipFile(library) as archive:
        return [name for name in archive.namelist() if name.endswith(".tpl.qute.java")]
