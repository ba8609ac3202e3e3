"""How a function is started: by its own ``bootstrap``, or by what Lambda's runtime would be.

Python runs under AWS's own awslambdaric, Node.js under :file:`node_loop.mjs`, which does
what Lambda's documentation says that its own does. Both lie at /var/lang and /var/runtime
as they do in Lambda.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slimmer.errors import UsageError
from slimmer.programs.guarded import answer_of
from slimmer.verify.rootfs import FUNCTION, LANGUAGE, LAYERS, RUNTIME, Mount

_ASK_S = 60
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Program:
    """What is started: ``command``, with ``env`` beside Lambda's own, among more ``mounts``.

    ``env`` and ``command`` may hold the paths of :mod:`slimmer.verify.rootfs`; ``elsewhere``
    says where they are when there is no sandbox.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def can_start(runtime: str) -> bool:
    """Return whether functions of a managed runtime can be started here."""
    return any(re.fullmatch(pattern, runtime) for pattern in RUNTIMES)


def prepare(runtime: str, handler: str, dest: Path) -> Program | None:
    """Return what starts a function of a managed runtime; None where it has a bootstrap.

    ``dest`` is a folder to be made, for what belongs in /var/runtime. Raises UsageError for
    a runtime that cannot be had here, saying what would help.
    """
    if not runtime or runtime.startswith("provided"):
        dest.mkdir()
        return None
    for pattern, make in RUNTIMES.items():
        found = re.fullmatch(pattern, runtime)
        if found:
            if not handler:
                raise UsageError(f"--runtime {runtime} needs --handler, such as app.handler")
            return make(found[1], dest)
    raise UsageError(
        f"--runtime {runtime}: only provided.*, python3.X and nodejsX.x can be run here; "
        "others run by a bootstrap of their own"
    )


def _python(version: str, dest: Path) -> Program:
    about = _find_python(version)
    _copy(about["files"], dest)
    stdlib = f"{LANGUAGE}/lib/python{version}"
    program = f"{LANGUAGE}/bin/python{version}"
    mounts = [
        Mount("bind", program, about["program"]),
        Mount("bind", stdlib, about["stdlib"]),
        *(Mount("bind", f"{LANGUAGE}/lib/{Path(p).name}", p) for p in about["libraries"]),
    ]
    own = [n for n in ("dist-packages", "site-packages") if Path(about["stdlib"], n).is_dir()]
    mounts += [Mount("empty", f"{stdlib}/{name}") for name in own]
    path = [f"{LAYERS}/python/lib/python{version}/site-packages", f"{LAYERS}/python", RUNTIME]
    return Program(
        (program, "-m", "awslambdaric", "{handler}"),
        {"PYTHONPATH": ":".join(path), "LD_LIBRARY_PATH": f"{LANGUAGE}/lib"},
        tuple(mounts),
        {program: about["program"]},
    )


def _find_python(version: str) -> Any:
    """Return what a Python of this version, with awslambdaric, says of itself."""
    lacking = ""
    for program in (sys.executable, shutil.which(f"python{version}")):
        about = _ask(program) if program else None
        if about is not None and about["version"] == version:
            if any(name.startswith("awslambdaric/") for _, name in about["files"]):
                return about
            lacking = lacking or program or ""
    if lacking:
        raise UsageError(
            f"--runtime python{version}: {lacking} has no awslambdaric, AWS's own runtime client; "
            f"bring it with {lacking} -m pip install awslambdaric"
        )
    raise UsageError(
        f"--runtime python{version}: there is no python{version} on PATH; install it, or verify "
        "where there is one"
    )


def _ask(program: str) -> Any:
    try:
        done = answer_of((program, "-I", str(_HERE / "ask_python.py")), _ASK_S)
        return None if done.returncode else json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _copy(files: list[list[str]], dest: Path) -> None:
    dest.mkdir()
    for where, name in files:
        place = dest / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(where, place)


def _node(version: str, dest: Path) -> Program:
    program = shutil.which("node")
    if program is None:
        raise UsageError(
            f"--runtime nodejs{version}.x: there is no node on PATH; install Node.js {version}, or "
            "verify where there is one"
        )
    try:
        said = answer_of((program, "--version"), _ASK_S).stdout.decode("ascii", "replace")
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    found = said.strip().removeprefix("v").partition(".")[0]
    if found != version:
        raise UsageError(
            f"--runtime nodejs{version}.x: node on PATH is version {found or 'unknown'}; put "
            f"Node.js {version} before it"
        )
    dest.mkdir()
    shutil.copyfile(_HERE / "node_loop.mjs", dest / "index.mjs")
    inside = f"{LANGUAGE}/bin/node"
    real = os.path.realpath(program)
    modules = [f"{LAYERS}/nodejs/node{version}/node_modules", f"{LAYERS}/nodejs/node_modules"]
    return Program(
        (inside, f"{RUNTIME}/index.mjs"),
        {"NODE_PATH": ":".join([*modules, f"{RUNTIME}/node_modules", RUNTIME, FUNCTION])},
        (Mount("bind", inside, real),),
        {inside: real},
    )


RUNTIMES: dict[str, Callable[[str, Path], Program]] = {
    r"python(3\.\d+)": _python,
    r"nodejs(\d+)\.x": _node,
}
