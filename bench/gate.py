"""Hold zips of about 60 MB to the gate, against Python's own start.

They are made by ``zip`` from a real Python layer: one that is a third text, which is searched
for secrets, and one that is nearly all native libraries.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from bench.timing import margin
from trees import tools, wheels

ZIPS = {
    "text": ("dateutil", "numpy", "pandas", "python_dateutil", "scipy", "six"),
    "native": ("PIL", "_cffi_backend", "cffi", "cryptography", "pillow", "pyarrow"),
}
SLIM = (sys.executable, "-c", "from slimmer.cli import main; main()")


def main() -> None:
    for name, packages in ZIPS.items():
        archive = Path("build/bench") / f"gate-{name}.zip"
        make_zip(archive, packages)
        size, unzipped, members = sizes(archive)
        print(f"gate, {name}: {size:,} B zip, {members:,} members, {unzipped:,} B unzipped")
        with tempfile.TemporaryDirectory() as folder:
            check = [*SLIM, "check", str(archive)]
            held = [*check, "--baseline", str(Path(folder) / "size.json")]
            subprocess.run([*held, "--update-baseline"], stdout=subprocess.DEVNULL, check=True)
            for title, argv in (("slim check", check), ("with --max-growth", held)):
                more = ["--max-growth", "2%"] if argv is held else []
                margin(title, [*argv, *more], [sys.executable, "-c", ""], "Python's own start")


def sizes(archive: Path) -> tuple[int, int, int]:
    """Return the bytes of a zip, those of its files, and how many these are."""
    argv = ["unzip", "-l", str(archive)]
    done = subprocess.run(argv, env=tools.environment(), capture_output=True, text=True, check=True)
    unzipped, members, *_ = done.stdout.splitlines()[-1].split()
    return archive.stat().st_size, int(unzipped), int(members)


def make_zip(archive: Path, packages: Collection[str]) -> None:
    if archive.exists():
        return
    archive.parent.mkdir(parents=True, exist_ok=True)
    tree = wheels.layer(*wheels.EIGHT)
    names = sorted(
        f"python/{path.name}"
        for path in (tree / "python").iterdir()
        if path.name.partition("-")[0].partition(".")[0] in packages
    )
    argv = ["zip", "-q", "-r", "-y", str(archive.resolve()), *names]
    subprocess.run(argv, cwd=tree, env=tools.environment(), check=True)
