"""What the search for secrets takes: its share of a build, and of a zip that was built.

Each build, of eight Python libraries, is a process of its own in which the search is timed, so
that the share is of one run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from slimmer.formats.zip.reader import read_zip
from slimmer.secrets.kinds import load_secret_rules
from slimmer.secrets.scanner import zip_secrets
from trees import wheels

RUNS = 3
LEVELS = ("1", "12")  # as fast as it goes, and as it comes
BUILD = """
import sys, time
from slimmer.build import pipeline
from slimmer.cli import main

search, spent = pipeline.shipped_secrets, []


def timed(*args):
    start = time.process_time()
    try:
        return search(*args)
    finally:
        spent.append(time.process_time() - start)


pipeline.shipped_secrets = timed
start = time.process_time()
try:
    main()
finally:
    print(*spent, time.process_time() - start)
"""


def main() -> None:
    layer = wheels.layer(*wheels.EIGHT)
    rules = load_secret_rules()
    with tempfile.TemporaryDirectory(dir="build") as folder:
        made = Path(folder, "x.zip")
        for level in LEVELS:
            runs = [build(layer, made, level) for _ in range(RUNS)]
            found, whole = (statistics.median(column) for column in zip(*runs, strict=True))
            shares = sorted(search / all_of_it for search, all_of_it in runs)
            print(
                f"secrets, --level {level}: {found:.2f} s CPU, the build {whole:.2f} s, "
                f"share {statistics.median(shares):.1%} "
                f"({shares[0]:.1%} to {shares[-1]:.1%}, {RUNS} runs)"
            )
        data = made.read_bytes()
        archive = read_zip(data)
        start = time.process_time()
        zip_secrets(rules, data, archive)
        spent = time.process_time() - start
        print(
            f"secrets in the zip: {spent:.2f} s CPU, {len(data):,} B, "
            f"{len(archive.members):,} members"
        )


def build(layer: Path, made: Path, level: str) -> tuple[float, float]:
    """Return the CPU seconds of the search and of the whole build."""
    argv = ["build", str(layer), "-o", str(made), "--target", "lambda-image", "--level", level]
    done = subprocess.run(
        [sys.executable, "-c", BUILD, *argv], stdout=subprocess.PIPE, text=True, check=True
    )
    search, whole = map(float, done.stdout.splitlines()[-1].split())
    return search, whole
