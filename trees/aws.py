"""AWS's own parts, which `slim verify` is held against: its emulator, and its runtime clients."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from trees import BUILD, HERE, REAL, Unavailable, debian, node, pip

_EMULATOR = (
    "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
    "@v0.0.0-20261030222936-bef5c4ba774d"
)
_PYTHON_CLIENT = "awslambdaric==4.2.2"
_NODE_CLIENT = "aws-lambda-ric@3.3.0"  # as in Lambda's nodejs22.x: handlers may take a callback
_NODE_NATIVE = "aws-lambda-ric@4.0.2"  # the first that builds without autotools
_NATIVE = "rapid-client.node"


@cache
def emulator() -> Path:
    """Give AWS's Runtime Interface Emulator, which Go builds."""
    dest = REAL / f"aws-lambda-rie-{_EMULATOR[-12:]}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            env = {"GOBIN": str(folder), "CGO_ENABLED": "0"}
            run(["go", "install", _EMULATOR], folder, "emulator", env)
    return dest / "aws-lambda-rie"


@cache
def python_client() -> Path:
    """Give a folder with awslambdaric, for the Python that runs this."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return pip.brought(
        REAL / f"{_PYTHON_CLIENT.replace('==', '-')}-{version}", "awslambdaric", _PYTHON_CLIENT
    )


@cache
def node_client() -> Path:
    """Give the folder of aws-lambda-ric, built.

    Its native part is that of a later version, which has the same functions.
    """
    dest = REAL / f"{_NODE_CLIENT.replace('@', '-')}-built"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            later = _npm(folder / "native", _NODE_NATIVE)
            client = _npm(folder / "client", _NODE_CLIENT, "--ignore-scripts")
            shutil.copyfile(later / _NATIVE, client / "dist" / _NATIVE)
            shutil.move(client, folder)
            shutil.rmtree(folder / "native")
            shutil.rmtree(folder / "client")
    return dest / "aws-lambda-ric"


def _npm(folder: Path, package: str, *options: str) -> Path:
    home = node.home()
    env = {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "npm_config_cache": str(BUILD / "npm"),
        "npm_config_nodedir": str(home),  # its headers
    }
    npm = [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js"), "install"]
    quiet = ["--no-save", "--no-audit", "--no-fund", "--no-update-notifier"]
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    run([*npm, *quiet, *options, package], folder, package, env)
    return folder / "node_modules" / package.partition("@")[0]


def run(argv: Sequence[str], folder: Path, what: str, env: Mapping[str, str]) -> None:
    """Run a program of this machine in a folder. Raises Unavailable, which names ``what``."""
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **env},
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Unavailable(f"no {what}: there is no {argv[0]} on PATH") from None
    if done.returncode:
        raise Unavailable(f"no {what}: {argv[0]} fails: {done.stderr.strip()[-2000:]}")
