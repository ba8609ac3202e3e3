"""Sends slim a signal at an exact moment: before its nth step of some kinds (PEP 578)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.command import environment

#: Steps that change what others see; and all that touch a disk or another process.
CHANGES = ("os.rename", "os.remove")
STEPS = (*CHANGES, "open", "os.fork", "os.scandir", "os.listdir", "os.mkdir", "subprocess.Popen")

_DRIVER = """
import json, os, signal, sys
at, number, count, *kinds = json.loads(sys.argv[1])
sys.argv = ["slim", *sys.argv[2:]]
from slimmer.cli import main
mine, seen = os.getpid(), 0

def hook(event, _args):
    global seen
    if event in kinds and os.getpid() == mine:
        seen += 1
        if seen == at:
            os.kill(mine, number)

def told():
    if count and os.getpid() == mine:
        with open(count, "w") as file:
            file.write(str(done))

sys.addaudithook(hook)
try:
    main()
finally:
    done = seen
    told()
"""


class Ended(NamedTuple):
    """How a run ended that was sent a signal; ``steps`` is how many it made, if it came so far."""

    code: int
    out: str
    err: str
    steps: int


def slim_with_signal(
    *args: str, cwd: Path, at: int, number: signal.Signals, kinds: Sequence[str] = CHANGES
) -> Ended:
    """Run ``slim ARGS`` and send it the signal before its step ``at``; 0 is never.

    This returns only when nobody holds the streams of the run any more.
    """
    count = cwd.parent / f"{cwd.name}.steps"
    count.unlink(missing_ok=True)
    told = json.dumps([at, number, str(count), *kinds])
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, told, *args],
        cwd=cwd,
        env=environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    steps = int(count.read_text()) if count.exists() else 0
    return Ended(done.returncode, done.stdout, done.stderr, steps)
