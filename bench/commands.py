"""Run short commands, for which a person or a shell waits, against Python's own start.

What slim imports is compiled before, as it is where slim was installed.
"""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import slimmer
from bench.timing import spent
from tests.support.zips import pack

RUNS = 10
SLIM = (sys.executable, "-m", "slimmer")
PYTHON = (sys.executable, "-c", "pass")
WORDS = ("slim bu", "slim build --ti", "slim build --tier ", "slim check --target pyth")
FILES = {
    "app.py": b"import json\n\n\ndef handler(event, context):\n    return json.dumps(event)\n",
    "bin/run": b"#!/bin/sh\nexec python3 app.py\n",
    **{f"package/module_{number}.py": b"VALUE = 1\n" * 200 for number in range(20)},
}


def main() -> None:
    compileall.compile_dir(str(Path(slimmer.__file__).parent), quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        small = str(pack(Path(folder) / "small.zip", FILES))
        more("slim --version", "--version")
        more("slim --help", "--help")
        more("slim build --help", "build", "--help")
        for words in WORDS:
            asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
            more(f"completion of {words!r}", **asked, _SLIM_COMPLETE="bash_complete")
        more("slim check of a zip of 22 files", "check", small)


def more(title: str, *arguments: str, **environment: str) -> None:
    """Print by how much CPU a command takes more than Python does to do nothing."""
    pairs = [cpu((*SLIM, *arguments), environment) - cpu(PYTHON, {}) for _ in range(RUNS + 1)][1:]
    ms = sorted(1000 * pair for pair in pairs)
    print(
        f"{title}: CPU {statistics.median(ms):.0f} ms more than Python's own start "
        f"({ms[0]:.0f} to {ms[-1]:.0f}, {RUNS} pairs)"
    )


def cpu(argv: tuple[str, ...], environment: Mapping[str, str]) -> float:
    return spent(argv, {**os.environ, **environment})[1]
