"""Python functions run under AWS's own client, awslambdaric."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from slimmer.errors import UsageError
from slimmer.verify.rootfs import LANGUAGE, LAYERS, RUNTIME, Mount
from slimmer.verify.runtimes.program import BIN, Asked, Program, beside, copy_into, on_path, said

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
    #: The program and what it is linked to, as paths; empty where that is not known.
    libraries: tuple[str, ...]
    #: Of awslambdaric, boto3 and what they need: where each folder lies, and where it belongs.
    packages: tuple[tuple[str, str], ...]
    #: The same of what lies in none of these.
    files: tuple[tuple[str, str], ...]
    has_pip: bool = True
    #: Whether its owner wants nothing installed into it, as Debian and uv (PEP 668).
    is_managed: bool = False

    @property
    def has_client(self) -> bool:
        return any(name == _CLIENT for _, name in self.packages)


def start(asked: Asked) -> Program:
    """Return what starts a Python function. Raises UsageError where something is missing."""
    found = _find(asked)
    copy_into(found.files, asked.dest)
    (asked.dest / "bootstrap.py").write_text(_BOOTSTRAP)
    version = asked.version
    stdlib = f"{LANGUAGE}/lib/python{version}"
    name = f"python{version}"
    linked = [path for path in found.libraries if path != found.program]
    own = [n for n in ("dist-packages", "site-packages") if Path(found.stdlib, n).is_dir()]
    path = [f"{LAYERS}/python/lib/python{version}/site-packages", f"{LAYERS}/python", RUNTIME]
    return Program(
        (f"{BIN}/{name}", f"{RUNTIME}/bootstrap.py"),
        {"PYTHONPATH": ":".join(path), "LD_LIBRARY_PATH": f"{LANGUAGE}/lib", "PATH": BIN},
        (
            *on_path(name, found.program, ("python3", "python"), linked),
            Mount("bind", stdlib, found.stdlib),
            *(Mount("empty", f"{stdlib}/{folder}") for folder in own),
            *beside(found.packages, asked.dest),
        ),
        dict.fromkeys((name, "python3", "python"), found.program),
    )


def _find(asked: Asked) -> _Python:
    """Return the Python of the version that is asked for, with awslambdaric."""
    candidates = [asked.interpreter] if asked.interpreter else [sys.executable, *_on_path(asked)]
    named: _Python | None = None
    fit: tuple[str, _Python] | None = None
    for program in filter(None, candidates):
        one = _ask(program)
        if one is None or one.version != asked.version:
            named = named or one
        elif asked.client:
            return _with_client(asked, program, one)
        elif one.has_client:
            return one
        else:
            fit = fit or (program, one)
    if not fit:
        raise UsageError(_absent(asked, named))
    program, one = fit
    raise UsageError(
        f"--runtime {asked.runtime}: {program} has no {_CLIENT}, AWS's own runtime client; "
        f"bring it with {_bring(program, one)}"
    )


def _bring(program: str, found: _Python, into: str = "", named: str = "") -> str:
    """Return the command that installs AWS's client for a Python, into a folder or into itself.

    ``named`` is the folder that --client names already.
    """
    if not into and found.is_managed:
        into = f"{_CLIENT}-{found.version}"
    tool = f"{program} -m pip install" if found.has_pip else f"uv pip install --python {program}"
    target = f" --target {into}" if into else ""
    then = f", and name it with --client {into}" if into != named else ""
    return f"{tool}{target} {_CLIENT}{then}"


def _on_path(asked: Asked) -> list[str]:
    """Return all programs on PATH that are called as the version is; the first may be a shim."""
    name = f"python{asked.version}"
    folders = filter(None, os.environ.get("PATH", "").split(os.pathsep))
    found = (shutil.which(name, path=folder) for folder in folders)
    return list(dict.fromkeys(filter(None, found)))


def _absent(asked: Asked, named: _Python | None) -> str:
    if asked.interpreter:
        what = f"is Python {named.version}" if named else "is no Python that runs"
        return (
            f"--interpreter {asked.interpreter}: {what}; name one of Python {asked.version}, or "
            "the --runtime that it is for"
        )
    if found := _on_path(asked):
        why = f"{found[0]} is on PATH and does not run, as a shim of pyenv without that version"
        return f"--runtime {asked.runtime}: {why}; name one that does with --interpreter"
    return (
        f"--runtime {asked.runtime}: there is no python{asked.version} on PATH; install it, or "
        "name one with --interpreter"
    )


def _with_client(asked: Asked, program: str, found: _Python) -> _Python:
    """Return a Python whose client is the one that --client names."""
    folder = asked.client
    if not Path(folder, _CLIENT, "__main__.py").is_file():
        problem = f"there is no {_CLIENT} in it"
    elif not list(Path(folder).glob(f"runtime_client*{found.suffix}")):
        problem = f"its {_CLIENT} is for another Python than {found.version}"
        folder = f"{folder}-{found.version}"  # pip replaces nothing that lies in a --target
    else:
        return _merged(found, Path(folder))
    command = _bring(program, found, folder, asked.client)
    raise UsageError(f"--client {asked.client}: {problem}; bring it with {command}")


def _merged(found: _Python, client: Path) -> _Python:
    """Return a Python with what lies in a client's folder, in place of its own of that name."""
    entries = sorted(client.absolute().iterdir())
    theirs = {entry.name for entry in entries}

    def others(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        kept = [pair for pair in pairs if pair[1].partition("/")[0] not in theirs]
        return [pair for pair in kept if not pair[1].startswith((_CLIENT, "runtime_client"))]

    folders = [(str(entry), entry.name) for entry in entries if entry.is_dir()]
    files = [(str(entry), entry.name) for entry in entries if entry.is_file()]
    return replace(
        found,
        packages=(*others(found.packages), *folders),
        files=(*others(found.files), *files),
    )


def _ask(program: str) -> _Python | None:
    try:
        answer = ast.literal_eval(said([program, "-I", str(_QUESTIONS)]))
        return _Python(
            version=str(answer["version"]),
            program=os.path.realpath(answer["program"]),
            stdlib=str(answer["stdlib"]),
            suffix=str(answer["suffix"]),
            libraries=tuple(f"/{path}" for path in answer["libraries"]),
            packages=tuple((str(where), str(name)) for where, name in answer["packages"]),
            files=tuple((str(where), str(name)) for where, name in answer["files"]),
            has_pip=bool(answer["has_pip"]),
            is_managed=bool(answer["is_managed"]),
        )
    except (ValueError, KeyError, TypeError, SyntaxError):
        return None
