"""How dependencies are installed for Lambda: the commands of uv, pip, Poetry and npm, as values.

slim resolves nothing: each command is one that people can run themselves, and it is shown. Sources:
PEP 600 for the tags of manylinux; "uv pip install", "pip install" and "npm ci" in their manuals.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Mapping
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.text import printable

INTO = "{into}"  # stands for the folder that is installed into
REQUIREMENTS = "requirements.txt"  # what uv and Poetry export
X86_64, ARM64 = "x86_64", "arm64"
_OF_UV = {X86_64: "x86_64", ARM64: "aarch64"}
_OF_NPM = {X86_64: "x64", ARM64: "arm64"}
_LOCKS = ("uv.lock", "poetry.lock")
# What other tools lock, and how it becomes a file that is read here.
_OTHER_LOCKS = {
    "package-lock.json": "npm reads it; name it with --npm",
    "npm-shrinkwrap.json": "npm reads it; name it with --npm",
    "Pipfile": "pipenv requirements > requirements.txt, and name that",
    "Pipfile.lock": "pipenv requirements > requirements.txt, and name that",
    "pdm.lock": "pdm export --output requirements.txt, and name that",
    "pylock.toml": "name the file that it was made from, such as uv.lock",
    "environment.yml": "conda's packages are not for Lambda; list pip's in a requirements.txt",
}
_OF_NODE = {
    "yarn.lock": "npm install --package-lock-only writes a package-lock.json; name that",
    "pnpm-lock.yaml": "npm install --package-lock-only writes a package-lock.json; name that",
    "bun.lock": "npm install --package-lock-only writes a package-lock.json; name that",
    "package.json": "npm install --package-lock-only writes a package-lock.json; name that",
}
_MODERN = 28  # of glibc 2.X: the newest manylinux that most wheels are built for


class Platform(NamedTuple):
    """What dependencies are installed for."""

    #: The target's name.
    target: str
    arch: str
    #: The version of Python, such as 3.13, and of glibc; empty for other targets.
    python: str = ""
    glibc: str = ""


class Install(NamedTuple):
    """What is run to install the dependencies of one file."""

    #: Each in the folder of the file, with INTO for the folder that is installed into.
    commands: tuple[tuple[str, ...], ...]
    #: The files that decide, beside the commands, by name in that folder.
    inputs: tuple[str, ...]
    #: The files that are copied before, for a tool that installs where they lie.
    copied: tuple[str, ...] = ()
    #: What is used of the folder that is installed into; empty for all.
    folder: str = ""
    #: The requirements that pip installs, of which it may leave some out; empty for other tools.
    by_pip: str = ""

    @property
    def shown(self) -> str:
        """The commands as people would type them."""
        commands = ([word.replace(INTO, "DIR") for word in c] for c in self.commands)
        return " && ".join(map(shlex.join, commands))


def python_install(
    name: str, place: Platform, tools: Mapping[str, str], local: Collection[str] = ()
) -> Install:
    """Return how the requirements of a file are installed for a target of Python.

    ``name`` is the file's, ``tools`` the programs that were found, by name. ``local`` are packages
    of the project's own, which uv builds anew: it would take what it built before. Raises
    UsageError for a target that is none of Python, and where no tool can read the file.
    """
    if name in _OTHER_LOCKS:
        raise UsageError(f"--requirements {name}: {_OTHER_LOCKS[name]}")
    if not place.python:
        raise UsageError(
            f"--requirements needs to know the Python; name --target python3.X, not {place.target}"
        )
    exports: tuple[tuple[str, ...], ...] = ()
    inputs: tuple[str, ...] = (name,)
    wanted = name
    if name in _LOCKS:
        exports, wanted = (_export(name, tools),), f"{INTO}.{REQUIREMENTS}"
        inputs = (name, "pyproject.toml")
    if "uv" in tools:
        anew = ("--no-binary", "--refresh-package")
        built = tuple(word for each in local for option in anew for word in (option, each))
        return Install((*exports, (*_by_uv(tools["uv"], wanted, place), *built)), inputs)
    if name == "pyproject.toml":
        raise UsageError("pyproject.toml: only uv installs what it lists; pip install uv")
    if "pip" not in tools:
        raise UsageError(
            "--requirements needs uv or pip; install one, such as with pipx install uv"
        )
    return Install((*exports, _by_pip(tools["pip"], wanted, place)), inputs, by_pip=wanted)


def _export(name: str, tools: Mapping[str, str]) -> tuple[str, ...]:
    tool = "uv" if name == "uv.lock" else "poetry"
    if tool not in tools:
        plugin = " with poetry-plugin-export" if tool == "poetry" else ""
        raise UsageError(f"{name}: only {tool} reads it; install {tool}{plugin}")
    into = f"{INTO}.{REQUIREMENTS}"
    if tool == "uv":
        options = ("--frozen", "--no-dev", "--no-emit-project", "--no-editable", "--quiet")
        return tools[tool], "export", *options, "--output-file", into
    return tools[tool], "export", "--only", "main", "--format", REQUIREMENTS, "--output", into


def _by_uv(uv: str, file: str, place: Platform) -> tuple[str, ...]:
    minor = int(place.glibc.partition(".")[2])
    tag = f"manylinux_2_{_MODERN}" if minor >= _MODERN else "manylinux2014"
    platform = f"{_OF_UV[place.arch]}-{tag}"
    where = ("--target", INTO, "--python-platform", platform, "--python-version", place.python)
    return uv, "pip", "install", *where, "--only-binary", ":all:", "--quiet", "-r", file


def _by_pip(pip: str, file: str, place: Platform) -> tuple[str, ...]:
    machine, most = _OF_UV[place.arch], int(place.glibc.partition(".")[2])
    minors = [minor for minor in range(most, 16, -1) if minor <= _MODERN or minor == most]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in minors] + [f"manylinux2014_{machine}"]
    platforms = [word for tag in tags for word in ("--platform", tag)]
    where = (
        "--target",
        INTO,
        *platforms,
        "--python-version",
        place.python,
        "--implementation",
        "cp",
    )
    options = ("--only-binary", ":all:", "--no-compile", "--disable-pip-version-check", "--quiet")
    return pip, "install", *where, *options, "-r", file


def npm_install(name: str, arch: str, host_arch: str, tools: Mapping[str, str]) -> Install:
    """Return how the packages of a lock file are installed for Lambda.

    Scripts of packages run only where this machine has Lambda's processor, as they would bring or
    build programs for this one. Raises UsageError for another file, and without npm.
    """
    if name not in ("package-lock.json", "npm-shrinkwrap.json"):
        told = "name a package-lock.json"
        if name in _LOCKS or name.endswith((".txt", "pyproject.toml")):
            told = "uv or pip reads it; name it with --requirements"
        raise UsageError(f"--npm {printable(name)}: {_OF_NODE.get(name, told)}")
    if "npm" not in tools:
        raise UsageError("--npm needs npm; install Node.js")
    where = ("--os=linux", f"--cpu={_OF_NPM[arch]}", "--libc=glibc")
    scripts = () if arch == host_arch else ("--ignore-scripts",)
    options = ("--omit=dev", "--no-audit", "--no-fund", "--loglevel=warn", *scripts)
    inputs = (name, "package.json")
    return Install(
        ((tools["npm"], "ci", *where, *options),), inputs, (*inputs, ".npmrc"), "node_modules"
    )


def with_scripts(lock: bytes) -> list[str]:
    """Return the packages of a lock file that have scripts; those for development are left out."""
    try:
        found = json.loads(lock)
    except (ValueError, RecursionError):
        return []
    packages = found.get("packages") if isinstance(found, dict) else None
    return [
        path.rpartition("node_modules/")[2]
        for path, row in (packages.items() if isinstance(packages, dict) else ())
        if path and isinstance(row, dict) and row.get("hasInstallScript") and not row.get("dev")
    ]
