"""Python functions run under AWS's own client, awslambdaric."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.verify.rootfs import LANGUAGE, LAYERS, RUNTIME, Mount
from slimmer.verify.runtimes.program import BIN, Asked, Program, below, copy_into, on_path, said

_QUESTIONS = Path(__file__).with_name("ask_python.py")
_CLIENT = "awslambdaric"
#: Lambda's last word is a file too, which wrappers count on; the path is that of ``-m``.
_BOOTSTRAP = f"""import os, runpy, sys
sys.path[0] = os.getcwd()
sys.argv[1:] = [os.environ["_HANDLER"]]
runpy.run_module("{_CLIENT}", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class _Python:
    """What a Python says of itself."""

    version: str
    program: str
    stdlib: str
    #: How its extension modules end, such as .cpython-313-x86_64-linux-gnu.so.
    suffix: str
    #: Files of awslambdaric and boto3: where each lies, and where it belongs.
    files: tuple[tuple[str, str], ...]

    @property
    def has_client(self) -> bool:
        return any(name.startswith(f"{_CLIENT}/") for _, name in self.files)


def start(asked: Asked) -> Program:
    """Return what starts a Python function. Raises UsageError where something is missing."""
    found = _find(asked)
    copy_into(found.files, asked.dest)
    (asked.dest / "bootstrap.py").write_text(_BOOTSTRAP)
    version = asked.version
    stdlib = f"{LANGUAGE}/lib/python{version}"
    name = f"python{version}"
    own = [n for n in ("dist-packages", "site-packages") if Path(found.stdlib, n).is_dir()]
    path = [f"{LAYERS}/python/lib/python{version}/site-packages", f"{LAYERS}/python", RUNTIME]
    return Program(
        (f"{BIN}/{name}", f"{RUNTIME}/bootstrap.py"),
        {"PYTHONPATH": ":".join(path), "LD_LIBRARY_PATH": f"{LANGUAGE}/lib", "PATH": BIN},
        (
            *on_path(name, found.program, ("python3", "python")),
            Mount("bind", stdlib, found.stdlib),
            *(Mount("empty", f"{stdlib}/{folder}") for folder in own),
        ),
        dict.fromkeys((name, "python3", "python"), found.program),
    )


def _find(asked: Asked) -> _Python:
    """Return the Python of the version that is asked for, with awslambdaric."""
    candidates = [asked.interpreter] if asked.interpreter else [sys.executable, _on_path(asked)]
    pythons = [(program, _ask(program)) for program in candidates if program]
    fit = [(program, one) for program, one in pythons if one and one.version == asked.version]
    if not fit:
        raise UsageError(_absent(asked, pythons[0][1]))
    if asked.client:
        return _with_client(asked, *fit[0])
    for _, one in fit:
        if one.has_client:
            return one
    program = fit[0][0]
    raise UsageError(
        f"--runtime {asked.runtime}: {program} has no {_CLIENT}, AWS's own runtime client; "
        f"bring it with {program} -m pip install {_CLIENT}"
    )


def _on_path(asked: Asked) -> str | None:
    return shutil.which(f"python{asked.version}")


def _absent(asked: Asked, named: _Python | None) -> str:
    if asked.interpreter:
        what = f"is Python {named.version}" if named else "is no Python that runs"
        return (
            f"--interpreter {asked.interpreter}: {what}; name one of Python {asked.version}, or "
            "the --runtime that it is for"
        )
    return (
        f"--runtime {asked.runtime}: there is no python{asked.version} on PATH; install it, or "
        "name one with --interpreter"
    )


def _with_client(asked: Asked, program: str, found: _Python) -> _Python:
    """Return a Python whose client is the one that --client names."""
    if not Path(asked.client, _CLIENT, "__main__.py").is_file():
        problem = f"there is no {_CLIENT} in it"
    elif not list(Path(asked.client).glob(f"runtime_client*{found.suffix}")):
        problem = f"its {_CLIENT} is for another Python than {found.version}"
    else:
        others = [(w, n) for w, n in found.files if not n.startswith((_CLIENT, "runtime_client"))]
        files = (*others, *below(asked.client))
        return _Python(found.version, found.program, found.stdlib, found.suffix, files)
    raise UsageError(
        f"--client {asked.client}: {problem}; bring it with {program} -m pip install --target "
        f"{asked.client} {_CLIENT}"
    )


def _ask(program: str) -> _Python | None:
    try:
        answer = json.loads(said([program, "-I", str(_QUESTIONS)]))
        return _Python(
            version=str(answer["version"]),
            program=os.path.realpath(answer["program"]),
            stdlib=str(answer["stdlib"]),
            suffix=str(answer["suffix"]),
            files=tuple((str(where), str(name)) for where, name in answer["files"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
