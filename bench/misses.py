"""What a start pays where a cache of ``slim warm`` is missed, as after an update of the runtime.

Node.js with the module that ships, made for another version, beside an empty module; a JVM with
an archive of classes of another version, and with one that states another time of the jar, beside
one without that archive. All start and end without any work of their own, so that a millisecond
shows.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from bench.starts import warm
from bench.timing import margin
from trees import HERE, jvm
from trees import node as npm

HANDLER = 'exports.handler = async () => typeof require("express");'
PAIRS = 60


def main() -> None:
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        for bench in (node, java):
            folder = Path(scratch).resolve() / bench.__name__
            folder.mkdir()
            (folder / "event.json").write_text('{"name": "tea"}')
            bench(folder)


def node(folder: Path) -> None:
    """Compare the module of another version of Node.js with an empty one."""
    tree, program = folder / "tree", npm.home() / "bin" / "node"
    shutil.copytree(npm.function("express@5.1.0", "zod@4.6.7"), tree, symlinks=True)
    (tree / "app.js").write_text(HANDLER)
    os.environ["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    warm(folder, tree, "--as-function", "--runtime", "nodejs22.x", "--handler", "app.handler")
    with zipfile.ZipFile(folder / "w.zip") as made:
        shipped = made.read("slim-warm/node.cjs").decode()
    missed, empty = folder / "missed.cjs", folder / "empty.cjs"
    missed.write_text(shipped.replace('process.version === "v', 'process.version === "v0.'))
    empty.write_text("")
    ours, peer = ([str(program), "--require", str(each), "-e", "0"] for each in (missed, empty))
    margin("misses, Node.js", ours, peer, "an empty module", PAIRS)


def java(folder: Path) -> None:
    """Compare a JVM that refuses the archive of classes with one that was given none."""
    tree = folder / "tree"
    shutil.copytree(jvm.tree(), tree, symlinks=True)
    shutil.copytree(HERE / "jvm_app", tree, dirs_exist_ok=True)
    warm(folder, tree)
    with zipfile.ZipFile(folder / "w.zip") as made:
        made.extractall(tree)
    made_for, other = tree / "slim-warm/java.jsa", tree / "slim-warm/other.jsa"
    other.write_bytes(made_for.read_bytes().replace(b"OpenJDK 64-Bit", b"OpenJDK 65-Bit", 1))
    os.utime(tree / "app.jar")
    start = [str(tree / "jre/bin/java"), "-XX:+UseSerialGC"]
    loads = ["-cp", str(tree / "app.jar"), "--dry-run", "clojure.main"]
    for archive, title in ((other, "another version"), (made_for, "another time of the jar")):
        ours = [*start, f"-XX:SharedArchiveFile={archive}", *loads]
        margin(f"misses, JVM, {title}", ours, [*start, *loads], "no archive", PAIRS)
