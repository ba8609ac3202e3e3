"""The files under examples/, put into a project as its owner would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.command import environment
from tests.support.trees import write_tree

EXAMPLES = Path(__file__).parents[2] / "examples"
BIN = Path(sys.executable).parent
_COMMAND = re.compile(r"slim build[^;\n]*?(?=[.;]?(?:\"\"\")?$|;)", re.MULTILINE)


class Tagged(yaml.SafeLoader):
    """Reads YAML with CloudFormation's short forms: ``!Ref X`` as ``{"Ref": "X"}``."""


def _short_form(loader: yaml.Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    assert isinstance(node, yaml.ScalarNode)
    return {tag: loader.construct_scalar(node)}


Tagged.add_multi_constructor("!", _short_form)


def load_yaml(file: Path) -> Any:
    return yaml.load(file.read_text("utf-8"), Tagged)  # noqa: S506 - it is a safe loader


def project(folder: Path, tool: str) -> Path:
    """Give a project of that tool's example, with a runtime and a function beside it."""
    shutil.copytree(EXAMPLES / tool, folder, dirs_exist_ok=True)
    runtime = {
        "a name with spaces.txt": "Kept.\n",
        "bootstrap": "#!/bin/sh\n",
        "lib/libshop.so.1": "shop" * 2000,
    }
    write_tree(folder / "runtime", runtime)
    (folder / "runtime" / "bootstrap").chmod(0o755)
    (folder / "runtime" / "lib" / "libshop.so").symlink_to("libshop.so.1")
    write_tree(folder / "app", {"app.txt": "What the function is.\n"})
    return folder


def run(
    *argv: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool that finds slim on PATH; it may fail."""
    given = {"PATH": os.environ["PATH"], **(env or {})}
    given["PATH"] = f"{BIN}{os.pathsep}{given['PATH']}"
    return subprocess.run(
        argv,
        cwd=cwd,
        env=environment(given),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )


def run_commands_of(file: Path) -> None:
    """Run the ``slim build`` lines that an example says come before it."""
    commands = _COMMAND.findall(file.read_text("utf-8"))
    assert commands
    for command in commands:
        done = run("sh", "-c", command, cwd=file.parent)
        assert done.returncode == 0, done.stdout
