"""Where the time of a build goes: CPU and wall of each of its phases, with all that it starts.

``python -m bench.phases TREE OPTION...`` builds one tree, as the bench does for each.
"""

from __future__ import annotations

import contextlib
import itertools
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.rebuild import ROWS

Mark = tuple[str, float, float]


def main() -> None:
    for row in ROWS:
        with tempfile.TemporaryDirectory() as scratch:
            options = [*row.options, "--no-cache", "-q", "-o", str(Path(scratch) / "made.zip")]
            argv = [sys.executable, "-m", "bench.phases", str(row.tree()), *options]
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            print(f"phases of building {row.title}: {done.stdout.splitlines()[-1]}", flush=True)


def phases(arguments: list[str]) -> str:
    """Build a tree in this process, and return what each phase took."""
    from slimmer.cli import build, run  # noqa: PLC0415 - what this takes is the first phase

    marks: list[Mark] = [("start", 0.0, 0.0)]

    def mark(phase: str) -> None:
        if marks[-1][0] != phase:
            marks.append((phase, time.perf_counter() - started, cpu_s()))

    @contextlib.contextmanager
    def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], object]]:  # noqa: ARG001
        yield lambda phase, _done, _total: mark(phase)

    started = time.perf_counter()
    vars(build)["progress"] = progress
    if run(["build", *arguments]):
        raise SystemExit(1)
    mark("end")
    pairs = itertools.pairwise(marks)
    told = (f"{one[0]} {two[1] - one[1]:.2f} s, CPU {two[2] - one[2]:.2f} s" for one, two in pairs)
    return "; ".join(told)


def cpu_s() -> float:
    """Return the seconds of the processor that this process and those that it started took."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    print(phases(sys.argv[1:]))
