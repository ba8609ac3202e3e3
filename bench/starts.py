"""CPU of starts, in turn with what they are compared with, and the bytes of both zips.

The demo's layer beside the same one whose runtime is a script; an exploded uberjar of Clojure
before and after; a Clojure layer and a Node.js function with what ``slim warm`` made, beside them
without, and beside a bundle of esbuild; eight Python libraries whose times a copy reset, compiled
by the build, beside their zip without bytecode.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import imports
from bench.layer import unpack
from bench.timing import compare, spent
from trees import HERE, jvm, otp, wheels
from trees import node as npm

STARTS = 10
WHEN_S = 1_700_000_000
SLIM = (sys.executable, "-m", "slimmer")
PACKAGES = (
    "express@5.1.0",
    "zod@4.6.7",
    "ajv@8.17.1",
    "@aws-sdk/client-s3@3.1169.0",
    "@aws-sdk/client-dynamodb@3.1169.0",
)
HANDLER = """
const express = require("express");
const { S3Client } = require("@aws-sdk/client-s3");
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { z } = require("zod");
const Ajv = require("ajv");
const region = "eu-central-1";
const app = express(), clients = [new S3Client({ region }), new DynamoDBClient({ region })];
const shape = z.object({ name: z.string() });
const valid = new Ajv().compile({ type: "object", properties: { name: { type: "string" } } });
exports.handler = async (event) =>
  ({ name: shape.parse(event).name, valid: valid(event), all: clients.length, app: typeof app });
"""
SCRIPTED = (
    '-pa "$here"/lib/elixir/lib/*/ebin "$here/ebin" \\\n  -s Elixir.LambdaRuntime main',
    '-pa "$here"/lib/elixir/lib/*/ebin \\\n  -s elixir start_cli -extra "$here/runtime.exs"',
)


def main() -> None:
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        for bench in (elixir, clojure, java, node, python):
            folder = Path(scratch).resolve() / bench.__name__
            folder.mkdir()
            (folder / "event.json").write_text('{"name": "tea"}')
            bench(folder)


def elixir(folder: Path) -> None:
    """Compare the demo's compiled runtime with the script that it was."""
    scripted = folder / "tree"
    shutil.copytree(otp.otp_layer(), scripted, symlinks=True, copy_function=os.link)
    bootstrap = scripted / "bootstrap"
    text = bootstrap.read_text().replace(*SCRIPTED)
    bootstrap.unlink()
    bootstrap.write_text(text)
    bootstrap.chmod(0o755)
    source = (HERE / "otp_layer" / "runtime.ex").read_text()
    (scripted / "runtime.exs").write_text(f"{source}\nLambdaRuntime.main()\n")
    shutil.rmtree(scripted / "ebin")
    ours, peer = (
        build(tree, folder / f"{n}.zip") for n, tree in enumerate((otp.otp_layer(), scripted))
    )
    in_turn("starts, Elixir", folder, [ours], peer, "as a script")


def clojure(folder: Path) -> None:
    """Compare an exploded uberjar after a build with itself, and with one of equal times."""
    tree = folder / "tree"
    with zipfile.ZipFile(jvm.tree() / "app.jar") as jar:
        jar.extractall(tree)
    for path in tree.rglob("*"):
        time_s = WHEN_S + path.name.endswith(".class")
        os.utime(path, (time_s, time_s))
    after = folder / "after"
    argv = ["unzip", "-q", str(build(tree, folder / "app.zip")), "-d", str(after)]
    subprocess.run(argv, env={**os.environ, "TZ": "UTC"}, check=True)  # with the zip's times
    compare("starts, Clojure exploded", hello(after), hello(tree), "before", STARTS)


def java(folder: Path) -> None:
    """Compare a Clojure layer with its archive of classes, and with and without a JVM's flag."""
    tree, plain = folder / "tree", folder / "plain"
    for each in (tree, plain):
        shutil.copytree(jvm.tree(), each, symlinks=True, copy_function=os.link)
        shutil.copytree(HERE / "jvm_app", each, dirs_exist_ok=True)
    bootstrap = plain / "bootstrap"
    bootstrap.write_text(bootstrap.read_text().replace("-XX:TieredStopAtLevel=1", ""))
    env = warm(folder, tree)
    peer, archived = build(plain, folder / "plain.zip"), folder / "warm.zip"
    build(tree, archived, "--warm", str(folder / "w.zip"))
    in_turn("starts, Clojure layer", folder, [archived, "--env", env], peer, "before")
    limited = build(tree, folder / "limited.zip")
    title = "before, with -XX:TieredStopAtLevel=1"
    in_turn("starts, Clojure layer", folder, [archived, "--env", env], limited, title)


def node(folder: Path) -> None:
    """Compare a Node.js function with its compile cache, and with a bundle of esbuild."""
    tree = folder / "tree"
    shutil.copytree(npm.function(*PACKAGES), tree, symlinks=True, copy_function=os.link)
    (tree / "app.js").write_text(HANDLER)
    os.environ["PATH"] = f"{npm.home() / 'bin'}:{os.environ['PATH']}"
    how = ("--runtime", "nodejs22.x", "--handler", "app.handler")
    env = warm(folder, tree, "--as-function", *how)
    ours = build(tree, folder / "warm.zip", "--warm", str(folder / "w.zip"))
    bundle = folder / "bundle"
    [esbuild] = npm.function("esbuild@0.25.10").glob("node_modules/@esbuild/*/bin/esbuild")
    bundled = ("--bundle", "--minify", "--platform=node", "--target=node22", "--log-level=error")
    subprocess.run([esbuild, tree / "app.js", *bundled, f"--outdir={bundle}"], check=True)
    for each in (tree, bundle):  # what the variable names has to be there
        (each / "slim-warm").mkdir()
        (each / "slim-warm" / "node.cjs").write_text("")
    peers = [build(each, folder / f"{each.name}.zip") for each in (tree, bundle)]
    options = ["--env", env, *how]
    for function, title in ((ours, "with the cache"), (peers[1], "bundled")):
        argv: list[Path | str] = ["--function", function, *options]
        in_turn(f"starts, Node.js, {title}", folder, argv, peers[0], "before")


def warm(folder: Path, tree: Path, *options: str) -> str:
    """Let slim make w.zip of a tree; return the variable that switches it on."""
    argv = [*SLIM, "warm", str(tree), "--event", str(folder / "event.json"), *options]
    argv += ["-o", str(folder / "w.zip"), "--json", "-"]
    done = subprocess.run(argv, capture_output=True, check=True)
    [cache] = json.loads(done.stdout)["caches"]
    return str(cache["env"])


def in_turn(
    title: str, folder: Path, ours: Sequence[Path | str], peer: Path, peer_title: str
) -> None:
    """Print what starts of an artifact take, with verify's options, in turn with another's."""
    argv = [*SLIM, "verify", *map(str, ours), "--against", str(peer), "--starts", str(STARTS)]
    argv += ["--event", str(folder / "event.json"), "--json", "-"]
    done = subprocess.run(argv, capture_output=True, check=True)
    for name, figure in json.loads(done.stdout)["starts"]["figures"].items():
        ratio = figure["ratio"]
        print(
            f"{title}, {name}: {figure['artifact']['median']:g}, {peer_title} "
            f"{figure['original']['median']:g}, ratio {ratio['median']:.2f} "
            f"({ratio['low']:.2f} to {ratio['high']:.2f}, {STARTS} pairs)"
        )
    [archive] = (each for each in ours if isinstance(each, Path))
    print(f"{title}: {archive.stat().st_size:,} B, {peer_title} {peer.stat().st_size:,} B")


def hello(tree: Path) -> Callable[[], float]:
    """Return a function that starts Clojure in a tree and gives the CPU seconds of it."""
    java = str(jvm.tree() / "jre/bin/java")
    return lambda: spent([java, "-cp", str(tree), "clojure.main", "-e", "(+ 1 2)"])[1]


def python(folder: Path) -> None:
    """Compare eight libraries from a tree whose times were reset with a zip without bytecode."""
    if sys.version_info[:2] != (3, 11):
        print("starts, Python: the wheels are for Python 3.11, and another one runs this")
        return
    tree = folder / "tree"
    shutil.copytree(wheels.layer(*wheels.EIGHT), tree, symlinks=True, copy_function=shutil.copyfile)
    layers = []
    for mode in (("compile", "--python", sys.executable), ("drop",)):
        options = ("--pyc", *mode, "--target", "lambda-image")
        archive = build(tree, folder / f"{mode[0]}.zip", *options)
        layers.append(unpack(archive, folder / mode[0]))
        print(f"starts, Python, --pyc {mode[0]}: {archive.stat().st_size:,} B")
        archive.unlink()
    ours, peer = layers
    compare(
        "starts, eight Python libraries",
        lambda: imports.cpu(ours),
        lambda: imports.cpu(peer),
        "without bytecode",
        STARTS,
    )


def build(tree: Path, archive: Path, *options: str) -> Path:
    """Return the zip that slim makes of a tree."""
    argv = [*SLIM, "build", str(tree), "-o", str(archive), "--level", "6", *options]
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
    return archive
