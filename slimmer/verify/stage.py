"""What starts programs inside a sandbox: a script for the shell that is in every one of them.

It says on its standard error what happens: lines with a mark of the run, which no program knows by
accident. What extensions write comes there too, what the function writes on standard output. Where
more than the function is to be started, it stays, and does what lines on its standard input say:
start the extensions, start and stop the runtime. When that input ends, so does everything.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from slimmer.verify.rootfs import OPEN_FILES

READY, ENDED = "ready", "ended"
RUNTIME = "runtime"
EXTENSIONS, START, STOP = "extensions", "start", "stop"


class Command(NamedTuple):
    """A program with its arguments, and its whole environment."""

    argv: Sequence[str]
    env: Mapping[str, str]


class Shell(NamedTuple):
    """What runs the stage: a shell and env(1), each the words that start it."""

    sh: tuple[str, ...] = ("/bin/sh",)
    env: tuple[str, ...] = ("env",)


def plain(runtime: Command, mark: str, processes: int, shell: Shell) -> list[str]:
    """Return what becomes the runtime at once. ``processes`` is the most there may be, or 0."""
    env = shlex.join(shell.env)
    script = f'{_ready(mark)} exec </dev/null 2>&1; {_limits(processes)} exec {env} -i "$@"'
    return [*shell.sh, "-c", script, "sh", *_variables(runtime), *runtime.argv]


def supervised(
    runtime: Command, extensions: Sequence[Command], mark: str, processes: int, shell: Shell
) -> list[str]:
    """Return what starts the extensions, and then the runtime, when it is told to."""
    lines = [_ready(mark), "exec 3>&2", _limits(processes), "extend() { :"]
    lines += [
        f"( cd /; {_call(shell, extension)} >&3 2>&3 3>&- </dev/null; "
        f'echo "{mark} {ENDED} {at} $?" >&3 ) &'
        for at, extension in enumerate(extensions)
    ]
    lines += [
        "}",
        "run() {",
        "trap 'kill -TERM $child' TERM",
        f"{_call(shell, runtime)} 2>&1 3>&- </dev/null & child=$!",
        "exec 2>/dev/null",  # for the shell's own word on a signal
        # A signal that is passed on ends the wait before the child does.
        "wait $child; status=$?",
        "while kill -0 $child 2>/dev/null; do wait $child; status=$?; done",
        f'echo "{mark} {ENDED} {RUNTIME} $status" >&3',
        "}",
        "while read -r word; do case $word in",
        f"{EXTENSIONS}) extend ;;",
        f"{START}) run & runtime=$! ;;",
        f"{STOP}) kill -TERM $runtime 2>/dev/null ;;",
        "esac; done",
    ]
    return [*shell.sh, "-c", "\n".join(lines)]


def _ready(mark: str) -> str:
    return f'echo "{mark} {READY}" >&2;'


def _limits(processes: int) -> str:
    limits = f"ulimit -c 0; ulimit -n {OPEN_FILES};"
    if processes:  # the second is dash's
        limits += f" ulimit -u {processes} 2>/dev/null || ulimit -p {processes};"
    return limits


def _call(shell: Shell, command: Command) -> str:
    return shlex.join([*shell.env, "-i", *_variables(command), *command.argv])


def _variables(command: Command) -> list[str]:
    return [f"{name}={value}" for name, value in command.env.items()]
