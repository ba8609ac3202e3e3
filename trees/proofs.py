"""The project's own trees, each with what makes it a function: built, and run beside the original.

A row of TREES is a tree. One that needs more beside it to be a function is copied first.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from trees import HERE, jvm, node, wheels
from trees.mix import mix_release
from trees.otp import otp_layer

Done = subprocess.CompletedProcess[str]

EVENTS = ({"name": "café", "list": [1, 2.5, None]}, {"name": "tea"}, {"name": "café"})
EIGHT = "eight Python libraries"
EIGHT_USES = "eight Python libraries, one use of each"
NODE_API = "Node application that makes no pictures"
_PATIENCE_S = 900
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"

# The modules are loaded at the start, as in a function; what they compute is done for each event.
_HANDLER = """
import contextlib, io, json, pathlib
import boto3, cryptography.x509, numpy, pandas, PIL.Image, pyarrow.parquet, requests
import scipy.fft, scipy.linalg, scipy.optimize, scipy.stats

WORK = compile(pathlib.Path("/var/task/eight_work.py").read_text("utf-8"), "eight_work", "exec")

def handler(event, _context):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(WORK, {"__name__": "eight_work"})
    return {"event": event, "found": json.loads(out.getvalue())}
"""


class Tree(NamedTuple):
    """How a tree is had, built and run.

    ``lay_out`` gives the tree, and may use an empty folder for it. ``target`` is whose limits
    hold, ``needed`` how each chain begins that rightly brings something back: the tree does
    not run without it. ``path`` gives a folder of programs that it is run with. It is a layer,
    unless it ``is_function``.
    """

    lay_out: Callable[[Path], Path]
    target: str = "lambda"
    runs_as: tuple[str, ...] = ()
    needed: str = ""
    path: Callable[[], Path] | None = None
    is_function: bool = False


class Laid(NamedTuple):
    """A tree, and a folder with the events and all that is made."""

    tree: Path
    folder: Path


@contextmanager
def laid_out(name: str, folder: Path) -> Iterator[Laid]:
    """Lay out a tree and, where there is one, its function; the folder is gone afterwards."""
    folder.mkdir()
    for at, event in enumerate(EVENTS):
        (folder / f"{at}.json").write_text(json.dumps(event), "utf-8")
    yield Laid(_row(name).lay_out(folder), folder)
    shutil.rmtree(folder)


def build(name: str, laid: Laid, *options: str) -> dict[str, Any]:
    """Build tree.zip at the default tier; return the report."""
    tree, folder = laid
    own = ("-o", "tree.zip", "--target", _row(name).target, "--level", "1")
    args = (str(tree), *own, *options, "--json", "built.json")
    done = slim("build", *args, cwd=folder)
    if done.returncode:
        raise RuntimeError(f"slim cannot build {name}:\n{done.stdout}{done.stderr}")
    return _read(folder / "built.json")


def shrink(name: str, laid: Laid, *options: str, program: Sequence[str] = ()) -> str:
    """Write slim.shrink.toml with all events; return what was said.

    ``program`` takes slim's arguments in its place.
    """
    tree, folder = laid
    row = _row(name)
    own = ("--target", row.target, *row.runs_as, *(("--as-function",) if row.is_function else ()))
    args = ("shrink", str(tree), *own, *_events(), *options)
    done = slim(*args, cwd=folder, env=_env(row), program=program)
    if done.returncode:
        raise RuntimeError(f"slim cannot shrink {name}:\n{done.stdout}{done.stderr}")
    return done.stdout


def verify(name: str, laid: Laid, *options: str) -> tuple[Done, dict[str, Any]]:
    """Run tree.zip beside the tree; return what was said, and the report."""
    tree, folder = laid
    row = _row(name)
    zipped = ("--function", "tree.zip") if row.is_function else ("tree.zip",)
    own = (*zipped, "--against", str(tree), "--target", row.target, *row.runs_as)
    args = (*own, *_events(), "--json", "run.json", *options)
    done = slim("verify", *args, cwd=folder, env=_env(row))
    return done, _read(folder / "run.json")


def _row(name: str) -> Tree:
    return TREES.get(name) or USES[name]


def _events() -> list[str]:
    return [word for at in range(len(EVENTS)) for word in ("--event", f"{at}.json")]


def _env(row: Tree) -> dict[str, str]:
    """Return where the programs are that a tree is run with."""
    return {"PATH": f"{row.path()}:{os.environ['PATH']}"} if row.path else {}


def slim(
    *args: str, cwd: Path, env: Mapping[str, str] | None = None, program: Sequence[str] = ()
) -> Done:
    """Run slim, or ``program`` in its place, to its end."""
    return subprocess.run(
        [*(program or (sys.executable, "-m", "slimmer")), *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def _otp(_: Path) -> Path:
    return otp_layer()


def _mix(_: Path) -> Path:
    return mix_release()


def _node(_: Path) -> Path:
    return node.application()


def _node_api(folder: Path) -> Path:
    """Lay out the application with a handler that neither imports sharp nor answers of it."""
    tree = shutil.copytree(node.application(), folder / "tree", symlinks=True)
    handler = tree / "answer.mjs"
    source = handler.read_text("utf-8")
    for without in (
        r"import sharp.*\n",
        r"async function image\(\) \{\n(.*\n)*?\}\n",
        r" image: .*?,",
    ):
        source, count = re.subn(without, "", source)
        if count != 1:
            raise ValueError(f"{handler}: {without!r} is there {count} times")
    handler.write_text(source, "utf-8")
    return tree


def _clojure(folder: Path) -> Path:
    tree = shutil.copytree(jvm.tree(), folder / "tree", symlinks=True)
    return shutil.copytree(HERE / "jvm_app", tree, dirs_exist_ok=True)


def _eight(folder: Path) -> Path:
    with _zipped(folder / "function.zip", {"app.py": _HANDLER.encode()}) as function:
        function.write(HERE / "eight_work.py", "eight_work.py")
    return _eight_layer(folder)


def _eight_uses(folder: Path) -> Path:
    with _zipped(folder / "function.zip", {"app.py": (HERE / "eight_uses.py").read_bytes()}):
        return _eight_layer(folder)


def _eight_layer(folder: Path) -> Path:
    """Lay out the eight libraries with bytecode as fresh as pip leaves it."""
    tree = shutil.copytree(wheels.layer(*wheels.EIGHT), folder / "tree", symlinks=True)
    run = [sys.executable, "-m", "compileall", "-q", "-j", "0", str(tree)]
    subprocess.run(run, stdout=subprocess.DEVNULL, check=False)
    return tree


@contextmanager
def _zipped(path: Path, files: Mapping[str, bytes]) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16  # a name alone would be its owner's only
            archive.writestr(info, data)
        yield archive


def _node_function(lay_out: Callable[[Path], Path]) -> Tree:
    runs_as = ("--handler", "answer.handler")
    return Tree(lay_out, "nodejs22.x", runs_as, path=lambda: node.home() / "bin", is_function=True)


_RUNS_PYTHON = ("--function", "function.zip", "--runtime", PYTHON, "--handler", "app.handler")
TREES = {
    "OTP and Elixir layer": Tree(_otp),
    # In embedded mode it does not boot without each module that is named there.
    "Mix release": Tree(_mix, needed="releases/1.0.0/start.boot needs "),
    "Node application": _node_function(_node),
    "JRE and Clojure uberjar": Tree(_clojure),
    EIGHT: Tree(_eight, "lambda-image", _RUNS_PYTHON),
}
#: Trees of above with another function, for what depends on what a function uses.
USES = {
    EIGHT_USES: Tree(_eight_uses, "lambda-image", _RUNS_PYTHON),
    NODE_API: _node_function(_node_api),
}
