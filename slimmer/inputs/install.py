"""Dependencies of a file, installed for Lambda into a cache by the tools that people have.

An entry of the cache is named by all that decides: the commands and the files. What is installed
appears in it whole or not at all; nothing else is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, reason_of
from slimmer.folders import remove
from slimmer.formats.javascript.lifecycle import changes_packages, without_lifecycle
from slimmer.inputs.cache import TREE, alone, cache_folder, half_done
from slimmer.inputs.install_plan import (
    INTO,
    Install,
    Platform,
    npm_install,
    python_install,
    with_scripts,
)
from slimmer.inputs.local_packages import digest_of, local_packages
from slimmer.inputs.lock_python import wrong_python
from slimmer.inputs.machine_paths import name_no_machine
from slimmer.model.findings import Finding, finding
from slimmer.programs.guarded import answer_of
from slimmer.text import and_more, printable

PYTHON, NPM = "--requirements", "--npm"
_TOOLS = ("uv", "pip", "poetry", "npm")
_MANIFEST = "package.json"
_OF_UV = ".lock"  # what uv leaves in a folder that it installed into
_FORM = 3  # of an entry of the cache: it changes with what is made of what a tool installed
_TIMEOUT_S = 1800.0  # of one command; a large lock file takes minutes over a slow line

_NOT_RUN = "install-scripts"  # how npm 12 warns of scripts that nobody allowed
_WARNED = "warned.txt"  # in an entry: what tools warned of

Tell = Callable[[str], object]


class Installed(NamedTuple):
    """What was installed."""

    #: The folder with it, which is empty where the file lists nothing.
    folder: Path
    #: What the tools warned of.
    warned: str


def installed(
    option: str, file: Path, place: Platform, tell: Tell, show: Tell, *, refresh: bool = False
) -> Installed:
    """Return the folder with what a file lists, installed for a target and its processor.

    ``option`` is PYTHON or NPM; ``tell`` is told the commands, and ``show`` what takes long. With
    ``refresh`` nothing is taken from the cache. Raises UsageError for a file that no tool here
    reads, and InputError for one that is not there, or whose dependencies cannot be installed.
    """
    if not file.is_file():
        raise InputError(f"{printable(str(file))}: no such file; name another {option}")
    tools = {name: path for name in _TOOLS if (path := shutil.which(name))}
    local: dict[str, Path] = {}
    if option == PYTHON:
        local = local_packages(file)
        plan = python_install(file.name, place, tools, local)
        if wrong := wrong_python(file, place.python):
            raise InputError(wrong)
    else:
        plan = npm_install(file.name, place.arch, _host_arch(), tools)
    entry = cache_folder() / _digest(plan, file, local.values())
    with alone(entry, show):
        tree = entry / TREE
        if tree.is_dir() and not refresh:
            tell(f"{file.name}: as installed before, in {tree}")
            said = entry / _WARNED
            return Installed(tree, said.read_text("utf-8") if said.is_file() else "")
        tell(f"{file.name}: {plan.shown}")
        show(f"installing {file.name}")
        return _install(plan, file, entry, place)


def _install(plan: Install, file: Path, entry: Path, place: Platform) -> Installed:
    """Run what a plan says, and put what it installs into the cache. Raises InputError."""
    with half_done(entry) as into:
        for name in plan.copied:
            if (file.parent / name).is_file():
                shutil.copyfile(file.parent / name, into / name)
        if _MANIFEST in plan.copied and (into / _MANIFEST).is_file():
            manifest = (into / _MANIFEST).read_bytes()
            (into / _MANIFEST).write_bytes(without_lifecycle(manifest))
        cwd = into if plan.copied else file.parent.resolve()
        warned = "".join(_run(command, cwd, into, file, place) for command in plan.commands)
        if plan.by_pip:
            _check_whole(cwd / plan.by_pip.replace(INTO, str(into)), into, file, place)
        _keep_only(into, plan.folder)
        name_no_machine(into)
        (into / _OF_UV).unlink(missing_ok=True)
        tree = entry / TREE
        if tree.is_dir():
            remove(tree)
        (entry / _WARNED).write_text(warned, "utf-8")
        into.rename(tree)
    return Installed(tree, warned)


def _check_whole(requirements: Path, into: Path, file: Path, place: Platform) -> None:
    """Raise InputError where pip left out what a target needs: it does so without a word."""
    from slimmer.inputs.left_out import left_out  # noqa: PLC0415 - most builds install nothing

    try:
        names = left_out(requirements, into, place)
    except OSError as error:
        raise InputError(f"{file.name}: cannot be read again ({reason_of(error)})") from None
    if names:
        raise InputError(
            f"{file.name}: pip left out {and_more(names)}, which {place.target} on {place.arch} "
            "needs: it takes conditions as its own Python and this machine meet them; install uv, "
            "such as with pipx install uv"
        )


def skipped_scripts(lock: Path, arch: str, warned: str) -> list[Finding]:
    """Return what is said of the scripts that npm did not run. Raises InputError.

    ``warned`` is what npm warned of: it may not run what nobody allowed.
    """
    may_skip = arch != _host_arch() or _NOT_RUN in warned
    manifest = lock.with_name(_MANIFEST)
    try:
        names = with_scripts(lock.read_bytes()) if may_skip else []
        own = changes_packages(manifest.read_bytes()) if manifest.is_file() else ""
    except OSError as error:
        raise InputError(f"{printable(str(lock))}: cannot be read ({reason_of(error)})") from None
    messages = []
    if names:
        why = (
            "npm runs none that nobody allowed"
            if arch == _host_arch()
            else f"this machine is not {arch}"
        )
        messages.append(
            f"{and_more(names)}: install scripts were not run, as {why}; where one brings a "
            f"program, install on {arch} and build with that folder as a further TREE"
        )
    if own:
        messages.append(
            f"the project's own script was not run, as packages are installed apart: "
            f"{printable(own)}; where it changes packages, npm ci in the project, and slim build "
            "its folder without --npm"
        )
    return [finding("scripts-not-run", message) for message in messages]


def _run(command: tuple[str, ...], cwd: Path, into: Path, file: Path, place: Platform) -> str:
    """Run a command, and return what it warned of. Raises InputError."""
    words = [word.replace(INTO, str(into)) for word in command]
    try:
        done = answer_of(words, _TIMEOUT_S, str(cwd))
    except OSError as error:
        raise InputError(f"{command[0]}: cannot be started ({reason_of(error)})") from None
    except subprocess.TimeoutExpired:
        raise InputError(f"{command[0]}: not done after {_TIMEOUT_S:.0f} s; try again") from None
    if done.returncode:
        from slimmer.inputs.install_said import why  # noqa: PLC0415 - most installs succeed

        said = (done.stderr + b"\n" + done.stdout).decode("utf-8", "replace")
        shown = " ".join(words).replace(str(into), "DIR")
        reason = why(said, file.name, f"{place.target} on {place.arch}") or done.returncode
        raise InputError(f"{file.name}: cannot be installed: {reason}; it was {shown}")
    return done.stderr.decode("utf-8", "replace")


def _digest(plan: Install, file: Path, local: Iterable[Path]) -> str:
    from slimmer.inputs.left_out import files_of  # noqa: PLC0415 - most builds install nothing

    files = [file.parent / name for name in plan.inputs]
    try:
        files += files_of(file)[1:] if file.suffix == ".txt" else []
        read = [hashlib.sha256(f.read_bytes()).hexdigest() if f.is_file() else "" for f in files]
        read += map(digest_of, local)
    except OSError as error:
        raise InputError(f"{printable(str(file))}: cannot be read ({reason_of(error)})") from None
    return hashlib.sha256(json.dumps([_FORM, plan.commands, read]).encode()).hexdigest()[:32]


def _keep_only(into: Path, folder: str) -> None:
    """Remove what lies beside the folder that is used, such as a copy of .npmrc.

    Links that lead there go, too: to packages of the project's own, which are read where they lie.
    What npm installed for one alone stays in its place.
    """
    if not folder:
        return
    modules = into / folder
    for link in [path for path in (*modules.glob("*"), *modules.glob("@*/*")) if path.is_symlink()]:
        own = Path(os.path.normpath(link.parent / link.readlink())) / folder
        link.unlink()
        if own.is_dir() and own.is_relative_to(into):
            link.mkdir()
            own.rename(link / folder)
    for path in into.iterdir():
        if path.name != folder:
            path.unlink() if path.is_symlink() or not path.is_dir() else remove(path)


def _host_arch() -> str:
    return {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
