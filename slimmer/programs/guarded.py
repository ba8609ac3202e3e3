"""Starting programs of the user's so that nothing of them outlives slim."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from slimmer.programs.guardian import CANNOT_START

_GUARDIAN = str(Path(__file__).with_name("guardian.py"))
_END_S = 10.0  # that a guardian has to end what it guards, on a busy machine


def guarded(command: Sequence[str]) -> tuple[str, ...]:
    """Return what runs a command, whose program has its path, so that it ends with slim.

    Only Linux tells a process that its parent has ended; elsewhere it is the command itself.
    """
    if sys.platform != "linux":
        return tuple(command)
    return sys.executable, "-I", "-S", _GUARDIAN, str(os.getpid()), *command


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started with ``guarded``, and all that came of it."""
    if sys.platform == "linux":
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
    else:
        process.kill()
    process.wait()


def answer_of(
    command: Sequence[str],
    timeout_s: float,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, whose program has its path, and return what it said and its exit code.

    Raises OSError where it cannot be started, and TimeoutExpired once it has been ended.
    """
    with subprocess.Popen(  # noqa: S603 - what the user names, and what slim looks for itself
        guarded(command),
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except BaseException:
            end(process)
            raise
    if err.startswith(CANNOT_START):
        number = int(err.removeprefix(CANNOT_START))
        raise OSError(number, os.strerror(number))
    return subprocess.CompletedProcess(command, process.returncode, out, err)
