"""The OTP layer by the usual pipeline, against slim: time and bytes, both run in turn.

The pipeline deletes folders by name, strips modules with ``beam_lib:strip_files`` and programs with
``strip``, and packs with ``zip -9``. It works on a copy, which is made before its time begins.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench.sizes import OTP_GONE, STRIP_MODULES
from bench.timing import spent
from trees.otp import otp_layer

PAIRS = 5
_NAMES = " -o ".join(f"-name '{name}'" for name in OTP_GONE)
_SCRIPT = f"""
set -e
cd "$1"
find . -depth -type d \\( {_NAMES} \\) -exec rm -rf {{}} +
erl -noshell -eval '{STRIP_MODULES}'
find . -type f -perm -u+x -exec strip {{}} + 2>/dev/null || true
find . -type f -name '*.so*' -exec strip {{}} + 2>/dev/null || true
zip -qyr9XD "$2" .
"""


def main() -> None:
    if shutil.which("zip") is None:
        print("usual: no zip on PATH to compare with")
        return
    tree = otp_layer().resolve()
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        print(line(tree, Path(scratch).resolve()), flush=True)


def line(tree: Path, scratch: Path) -> str:
    """Return the medians of pairs that are run in turn."""
    ours, theirs = scratch / "ours.zip", scratch / "theirs.zip"
    slim = [sys.executable, "-m", "slimmer", "build", str(tree), "-o", str(ours), "--no-cache"]
    pairs = []
    for number in range(PAIRS + 1):
        copy = scratch / f"copy{number}"
        shutil.copytree(tree, copy, symlinks=True)
        theirs.unlink(missing_ok=True)
        path = {**os.environ, "PATH": f"{copy / 'bin'}:{os.environ['PATH']}"}
        usual = spent(["sh", "-c", _SCRIPT, "sh", str(copy), str(theirs)], path)
        shutil.rmtree(copy)
        pairs.append((spent([*slim, "-q"]), usual))
    del pairs[0]
    wall, cpu = (statistics.median(a[n] / b[n] for a, b in pairs) for n in (0, 1))
    ours_s, theirs_s = (statistics.median(pair[n][0] for pair in pairs) for n in (0, 1))
    ours_bytes, their_bytes = ours.stat().st_size, theirs.stat().st_size
    return (
        f"the OTP layer: {ours_s:.2f} s and {ours_bytes:,} B by slim, {theirs_s:.2f} s and "
        f"{their_bytes:,} B by the usual pipeline; {wall:.2f} of its time, {cpu:.2f} of its "
        f"CPU, {PAIRS} pairs"
    )


if __name__ == "__main__":
    main()
