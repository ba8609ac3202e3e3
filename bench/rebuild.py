"""Change one file, and build again: with the cache, beside a build without it.

The largest text of each tree is changed, in a copy. Both zips have to be equal.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.timing import spent
from trees import node, wheels
from trees.otp import otp_layer

PAIRS = 5


class Row(NamedTuple):
    """A tree, the options to build it, and the file that is changed."""

    title: str
    tree: Callable[[], Path]
    file: str
    options: tuple[str, ...] = ()


ROWS = (
    Row("the OTP layer", otp_layer, "ebin/Elixir.LambdaRuntime.beam"),
    Row(
        "eight Python libraries",
        lambda: wheels.layer(*wheels.EIGHT),
        "python/pandas/core/frame.py",
        ("--target", "lambda-image"),
    ),
    Row("a Node.js application", node.application, "package.json"),
)


def main() -> None:
    for row in ROWS:
        with tempfile.TemporaryDirectory(dir="build") as scratch:
            print(line(row, Path(scratch).resolve()), flush=True)


def line(row: Row, scratch: Path) -> str:
    """Return the medians of pairs that are run in turn."""
    tree = scratch / "tree"
    shutil.copytree(row.tree(), tree, symlinks=True)
    slim = [sys.executable, "-m", "slimmer", "build", str(tree), *row.options, "-q"]
    warm = [*slim, "--cache", str(scratch / "cache"), "-o", str(scratch / "warm.zip")]
    cold = [*slim, "--no-cache", "-o", str(scratch / "cold.zip")]
    spent(warm)
    pairs = []
    for number in range(PAIRS):
        changed = tree / row.file
        if changed.suffix != ".beam":
            changed.write_bytes(changed.read_bytes() + b"\n" * (number % 2 + 1))
        else:
            os.utime(changed)
        pairs.append((spent(warm), spent(cold)))
        if (scratch / "warm.zip").read_bytes() != (scratch / "cold.zip").read_bytes():
            raise AssertionError(f"{row.title}: the zips differ")
    wall, cpu = (statistics.median(a[n] / b[n] for a, b in pairs) for n in (0, 1))
    warm_s, cold_s = (statistics.median(pair[n][0] for pair in pairs) for n in (0, 1))
    return (
        f"rebuild of {row.title}, one file changed: {warm_s:.2f} s, without the cache "
        f"{cold_s:.2f} s, ratio {wall:.2f} (CPU {cpu:.2f}), {PAIRS} pairs, equal bytes"
    )


if __name__ == "__main__":
    main()
