"""The guards' share of a build: eight Python libraries, where they have the most to read.

Each build is a process of its own, in which every guard is timed by its row in the table, so
that the share is of one run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from trees import wheels

RUNS = 3
LEVELS = ("1", "12")  # as fast as it goes, and as it comes
BUILD = """
import sys, time
from slimmer.cli import main
from slimmer.decide import decide
from slimmer.ecosystems import GUARDS

spent = {name: [0.0, 0.0] for name in GUARDS}


def timed(name, run):
    cpu, wall = time.process_time(), time.perf_counter()
    try:
        return run()
    finally:
        spent[name][0] += time.process_time() - cpu
        spent[name][1] += time.perf_counter() - wall


class Watched:
    def __init__(self, name, guard):
        self.name, self.guard = name, guard

    def references(self, verdicts):
        return timed(self.name, lambda: list(self.guard.references(verdicts)))

    def findings(self, verdicts):
        return timed(self.name, lambda: list(self.guard.findings(verdicts)))


def watch(ecosystems, names, context, make=decide.make_guards):
    made = {}
    for name in names:
        guards = timed(name, lambda: make(ecosystems, [name], context))
        made |= {name: Watched(name, guard) for name, guard in guards.items()}
    return made


decide.make_guards = watch
cpu, wall = time.process_time(), time.perf_counter()
try:
    main()
finally:
    whole = time.process_time() - cpu, time.perf_counter() - wall
    print(*whole, *(sum(part) for part in zip(*spent.values())), *spent["python"])
"""


def main() -> None:
    layer = wheels.layer(*wheels.EIGHT)
    run(layer, "1")  # what comes from the disk only once
    for level in LEVELS:
        runs = [run(layer, level) for _ in range(RUNS)]
        for kind, part in (("CPU", 0), ("wall", 1)):
            whole, guards, python = ([r[at + part] for r in runs] for at in (0, 2, 4))
            shares = sorted(a / b for a, b in zip(guards, whole, strict=True))
            print(
                f"guards, --level {level}: {statistics.median(guards):.2f} s {kind}, "
                f"python's {statistics.median(python):.2f} s of it, the build "
                f"{statistics.median(whole):.2f} s, share {statistics.median(shares):.1%} "
                f"({shares[0]:.1%} to {shares[-1]:.1%}, {RUNS} runs, {os.cpu_count()} cores)"
            )


def run(layer: Path, level: str) -> list[float]:
    """Return the CPU and wall seconds of a build, of its guards, of the Python guard."""
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        argv = ["build", str(layer), "-o", f"{scratch}/x.zip", "--target", "lambda-image"]
        argv += ["--level", level]
        done = subprocess.run(
            [sys.executable, "-c", BUILD, *argv],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return [float(word) for word in done.stdout.splitlines()[-1].split()]
