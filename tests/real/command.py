"""Builds real trees as a user does, in a folder without settings."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

from tests.support.command import slim
from trees import tools

ZIP = "layer.zip"
REPORT = "report.json"
PLAIN = ("--no-transform", "elf-strip", "--no-transform", "beam-strip")


class How(TypedDict, total=False):
    """In what surroundings a tree is built."""

    env: Mapping[str, str]
    python: Path | str
    before: Sequence[str]
    umask: int
    process: bool


@dataclass(frozen=True)
class Build:
    """What `slim build` left behind in a folder."""

    folder: Path
    status: int
    output: str
    error: str

    @property
    def zip(self) -> Path:
        return self.folder / ZIP

    @property
    def json(self) -> Path:
        return self.folder / REPORT

    @cached_property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.json.read_bytes())
        return loaded

    @property
    def said(self) -> str:
        return self.output + self.error


def build(
    tree: Path | str,
    folder: Path,
    *options: str,
    env: Mapping[str, str] | None = None,
    python: Path | str = sys.executable,
    before: Sequence[str] = (),
    umask: int = 0o022,
    process: bool | None = None,
) -> Build:
    """Build layer.zip and report.json in a folder, made if it is not there; it may fail.

    It runs inside this process unless ``process`` or what only a process can have is given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    args = ("build", str(tree), "-o", ZIP, "--json", REPORT, *options)
    if python == sys.executable:
        done = slim(*args, cwd=folder, env=env, through=before, umask=umask, process=process)
        return Build(folder, done.code, done.out, done.err)
    other = subprocess.run(
        [python, "-m", "slimmer", *args],
        cwd=folder,
        env={**os.environ, **(env or {})},
        umask=umask,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Build(folder, other.returncode, other.stdout.decode(), other.stderr.decode())


def unpack(archive: Path, dest: Path) -> Path:
    """Unpack with unzip into a new folder that any user may read, as Lambda's /opt is."""
    done = tool("unzip", "-q", archive, "-d", dest)
    assert (done.returncode, done.stderr) == (0, "")
    dest.chmod(0o755)
    return dest


def tool(*argv: Path | str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run unzip, zipinfo, zip or bsdtar; it may fail."""
    env = {**tools.environment(), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        argv, cwd=cwd, env=env, umask=0o022, capture_output=True, text=True, check=False
    )
