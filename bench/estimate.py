"""Estimate the zips of the large trees, beside the builds that make them, both without a cache."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.rebuild import ROWS, Row
from bench.timing import spent
from trees import jvm
from trees.mix import mix_release

PAIRS = 5


def main() -> None:
    more = (Row("a Mix release", mix_release, ""), Row("a Java runtime", jvm.tree, ""))
    for row in (*ROWS, *more):
        with tempfile.TemporaryDirectory() as scratch:
            print(line(row, Path(scratch)), flush=True)


def line(row: Row, scratch: Path) -> str:
    """Return how near an estimate is, and the medians of pairs that are run in turn."""
    made = scratch / "made.zip"
    slim = [sys.executable, "-m", "slimmer", "build", str(row.tree()), *row.options, "--no-cache"]
    slim += ["-o", str(made)]
    told = subprocess.run([*slim, "--estimate"], capture_output=True, text=True, check=True).stdout
    (found,) = re.findall(r"about ([\d,]+) B zipped", told)
    pairs = [(spent([*slim, "--estimate"]), spent(slim)) for _ in range(PAIRS)]
    wall, cpu = (statistics.median(a[n] / b[n] for a, b in pairs) for n in (0, 1))
    size_bytes, about = made.stat().st_size, int(found.replace(",", ""))
    return (
        f"estimate of {row.title}: {about:,} B of {size_bytes:,} B "
        f"({about / size_bytes - 1:+.2%}), in {wall:.2f} of the build's time, {cpu:.2f} of "
        f"its CPU, {PAIRS} pairs"
    )


if __name__ == "__main__":
    main()
