"""CPU of starts, in turn with what they are compared with, and the bytes of both zips.

The demo's layer beside the same one whose runtime is a script; an exploded uberjar of Clojure
before and after; eight Python libraries whose times a copy reset, compiled by the build, beside
their zip without bytecode.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from bench import imports
from bench.layer import unpack
from bench.timing import compare, spent
from trees import HERE, jvm, otp, wheels

STARTS = 10
WHEN_S = 1_700_000_000
SLIM = (sys.executable, "-m", "slimmer")
SCRIPTED = (
    '-pa "$here"/lib/elixir/lib/*/ebin "$here/ebin" \\\n  -s Elixir.LambdaRuntime main',
    '-pa "$here"/lib/elixir/lib/*/ebin \\\n  -s elixir start_cli -extra "$here/runtime.exs"',
)


def main() -> None:
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        for bench in (elixir, clojure, python):
            folder = Path(scratch) / bench.__name__
            folder.mkdir()
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
    (folder / "event.json").write_text("{}")
    argv = [*SLIM, "verify", str(ours), "--against", str(peer), "--starts", str(STARTS)]
    argv += ["--event", str(folder / "event.json"), "--json", "-"]
    done = subprocess.run(argv, capture_output=True, check=True)
    figures = json.loads(done.stdout)["starts"]["figures"]
    for name, figure in figures.items():
        ratio = figure["ratio"]
        print(
            f"starts, Elixir, {name}: {figure['artifact']['median']:g}, as a script "
            f"{figure['original']['median']:g}, ratio {ratio['median']:.2f} "
            f"({ratio['low']:.2f} to {ratio['high']:.2f}, {STARTS} pairs)"
        )
    print(f"starts, Elixir: {ours.stat().st_size:,} B, as a script {peer.stat().st_size:,} B")


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
