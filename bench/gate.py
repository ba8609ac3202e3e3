"""Hold a zip of about 60 MB to the gate, against Python's own start.

The zip is made by ``zip`` from a real Python layer: libraries that many functions use.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.timing import command, margin, seconds
from tests.real import artifacts, wheels

ZIP = Path("build/bench/gate.zip")
PACKAGES = ("numpy", "pandas", "python_dateutil", "dateutil", "scipy", "six")


def main() -> None:
    make_zip()
    with tempfile.TemporaryDirectory() as folder:
        baseline = str(Path(folder) / "size.json")
        slim = [sys.executable, "-c", "from slimmer.cli import main; main()", "check", str(ZIP)]
        gate = [*slim, "--baseline", baseline]
        subprocess.run([*gate, "--update-baseline"], stdout=subprocess.DEVNULL, check=True)
        listing = subprocess.run(
            ["unzip", "-l", str(ZIP)], env=artifacts.tools(), capture_output=True, check=True
        )
        members = listing.stdout.splitlines()[-1].decode().split()
        print(f"gate: {ZIP.stat().st_size:,} B zip, {members[1]} members, {members[0]} B unzipped")
        faces = {"slim check": slim, "with a baseline": [*gate, "--max-growth", "2%"]}
        for title, argv in faces.items():
            margin(title, timed(argv), timed([sys.executable, "-c", ""]), "Python's own start")


def timed(argv: Sequence[str]) -> Callable[[], float]:
    return lambda: seconds(command(argv))


def make_zip() -> None:
    if ZIP.exists():
        return
    ZIP.parent.mkdir(parents=True, exist_ok=True)
    tree = wheels.layer(*wheels.EIGHT)
    names = sorted(
        f"python/{path.name}"
        for path in (tree / "python").iterdir()
        if path.name.partition("-")[0].partition(".")[0] in PACKAGES
    )
    argv = ["zip", "-q", "-r", "-y", str(ZIP.resolve()), *names]
    subprocess.run(argv, cwd=tree, env=artifacts.tools(), check=True)
