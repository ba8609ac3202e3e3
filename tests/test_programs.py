"""What slim starts ends with slim, whatever ends slim, and says what it would say by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.programs.guarded import answer_of
from tests.support.command import environment
from tests.support.functions import processes_with
from tests.support.trees import write_tree

HANGS = """\
#!/bin/sh
trap '' TERM INT HUP
setsid sleep 3600 &
(setsid sleep 3600 & setsid sleep 3600 &) &
test -z "$STARTED" || echo started > "$STARTED"
sleep 3600
"""
#: Answers what it is, as the interpreter does, and hangs over the first source.
HANGS_LATER = f"""\
#!/bin/sh
case "$*" in *MAGIC_NUMBER*) exec {sys.executable} "$@";; esac
"""
BUILD = ("build", "tree", "--pyc", "compile", "--python")


def wait_for(happened: Callable[[], bool]) -> bool:
    end_s = time.monotonic() + 60
    while not happened():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(tmp_path / "tree", {"app.py": "x = 1\n"})
    write_tree(tmp_path / "bin", {"hangs": HANGS, "hangs-later": HANGS_LATER + HANGS[10:]})
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    return tmp_path


def started(work: Path, *args: str) -> subprocess.Popen[bytes]:
    """Return slim, whose programs carry a mark in their environment, once one of them hangs."""
    told = work / "started"
    path = f"{work / 'bin'}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "slimmer", *args],
        cwd=work,
        env={**environment({}), "PATH": path, "STARTED": str(told), "MARK": str(work)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_for(told.exists)
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("program", ["hangs", "hangs-later"])
def test_a_program_that_hangs_ends_with_slim(
    work: Path, program: str, number: signal.Signals
) -> None:
    mark = f"MARK={work}"
    process = started(work, *BUILD, program)
    assert len(processes_with(mark)) > 4
    process.send_signal(number)
    assert process.wait(60) in (-number, 130)
    assert wait_for(lambda: not processes_with(mark)), processes_with(mark)


def test_what_takes_too_long_is_ended_whole(work: Path) -> None:
    mark = f"MARK={work}"
    env = {**os.environ, "MARK": str(work)}
    with pytest.raises(subprocess.TimeoutExpired):
        answer_of((str(work / "bin" / "hangs"),), 1, env=env)
    assert processes_with(mark) == []


def test_what_a_program_leaves_behind_is_ended(work: Path) -> None:
    env = {**os.environ, "MARK": str(work)}
    command = (
        "/bin/sh",
        "-c",
        "setsid sleep 3600 >&- 2>&- & echo $0 and; echo but >&2; exit 7",
        "x",
    )
    done = answer_of(command, 60, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"x and\n", b"but\n")
    assert processes_with(f"MARK={work}") == []


@pytest.mark.parametrize(("mode", "error"), [(0o755, OSError), (0o644, PermissionError)])
def test_what_cannot_be_started_is_an_error(
    tmp_path: Path, mode: int, error: type[OSError]
) -> None:
    (tmp_path / "x").write_bytes(b"\0no program")
    (tmp_path / "x").chmod(mode)
    with pytest.raises(error):
        answer_of((str(tmp_path / "x"),), 60)
    with pytest.raises(FileNotFoundError):
        answer_of((str(tmp_path / "y"),), 60)
