"""Import CPU of eight libraries: slimmed, and untouched with bytecode as fresh as pip leaves it."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.layer import unpack
from trees import wheels

IMPORTS = (
    "import boto3, cryptography.x509, numpy, pandas, PIL.Image, pyarrow.parquet, requests, "
    "scipy.fft, scipy.linalg, scipy.optimize, scipy.stats"
)
MODES = (("keep",), ("compile", "--python", sys.executable), ("drop",))
PAIRS = 9


def main() -> None:
    if sys.version_info[:2] != (3, 11):
        print("imports: the wheels are for Python 3.11, and another one runs this")
        return
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        original = Path(scratch) / "original"
        shutil.copytree(wheels.layer(*wheels.EIGHT), original, symlinks=True)
        run = [sys.executable, "-m", "compileall", "-q", str(original)]
        subprocess.run(run, stdout=subprocess.DEVNULL, check=False)
        for mode in MODES:
            compare(original, Path(scratch) / mode[0], *mode)


def compare(original: Path, folder: Path, *mode: str) -> None:
    folder.mkdir()
    archive = folder / "layer.zip"
    slim = [sys.executable, "-m", "slimmer", "build", str(original), "-o", str(archive)]
    options = ["--target", "lambda-image", "--level", "1", "--pyc", *mode]
    subprocess.run([*slim, *options], stdout=subprocess.DEVNULL, check=True)
    ours = unpack(archive, folder / "layer")
    cpu(ours), cpu(original)  # what comes from the disk only once
    pairs = [(cpu(ours), cpu(original)) for _ in range(PAIRS)]
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"imports, --pyc {mode[0]}: {statistics.median(a for a, _ in pairs):.2f} s CPU, "
        f"untouched {statistics.median(b for _, b in pairs):.2f} s, "
        f"ratio {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}, "
        f"{PAIRS} pairs)"
    )


def cpu(layer: Path) -> float:
    """Return the user and system seconds of one process that imports all."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = f"import sys; sys.path.insert(0, {str(layer / 'python')!r}); {IMPORTS}"
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
