"""Bytes at the limit: what ships of a tree, packed by slim and by a slow peer; and the floor.

The peer gets the files of slim's own zip. The floor of time is libdeflate's own command on the same
files, and a plain read of the tree.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bench.rebuild import ROWS, Row
from bench.timing import spent
from trees import REAL, debian, tools

#: Of the trees that are small enough for a slow compressor.
TITLES = ("the OTP layer", "a Node.js application")
_PACKAGES = ("7zip", "libdeflate-tools")
_LEVELS = (10, 12)
#: A script, run in the folder of the files, that writes the zip whose path is its argument.
_PEERS = {
    "7z -mx9 -mfb258 -mpass15": 'exec 7zz a -bd -tzip -mx9 -mfb258 -mpass15 "$1" .',
}
_READ = ["sh", "-c", 'find "$1" -type f -exec cat {} +', "sh"]


def main() -> None:
    environment = _environment()
    for row in ROWS:
        if row.title in TITLES:
            with tempfile.TemporaryDirectory() as scratch:
                _measure(row, Path(scratch), environment)


def _measure(row: Row, scratch: Path, environment: Mapping[str, str]) -> None:
    tree, files = row.tree().resolve(), scratch / "files"
    made = scratch / "made.zip"
    slim = [sys.executable, "-m", "slimmer", "build", str(tree), *row.options, "--no-cache"]
    _, build_s = spent([*slim, "-q", "-o", str(made)])
    with zipfile.ZipFile(made) as archive:
        archive.extractall(files)
    for level in _LEVELS:
        target = scratch / f"{level}.zip"
        _, cpu_s = spent([sys.executable, "-c", _PACK, str(files), str(target), str(level)])
        _, floor_s = spent(_libdeflate(files, level), environment)
        title = f"limit, {row.title}, level {level}"
        print(f"{title}: {target.stat().st_size:,} B, {cpu_s:.2f} CPU s")
        print(f"{title}: libdeflate-gzip takes {floor_s:.2f} CPU s, {floor_s / cpu_s:.2f} of it")
    ours_bytes = target.stat().st_size
    for peer, script in _PEERS.items():
        theirs = scratch / "theirs.zip"
        theirs.unlink(missing_ok=True)
        argv = ["sh", "-ec", f'cd "$2" && {script}', "sh", str(theirs), str(files)]
        _, peer_s = spent(argv, environment)
        size_bytes = theirs.stat().st_size
        print(
            f"limit, {row.title}, {peer}: {size_bytes:,} B ({size_bytes / ours_bytes - 1:+.2%} of "
            f"level {level}), {peer_s:.2f} CPU s, {peer_s / cpu_s:.0f} times its CPU",
            flush=True,
        )
    _, read_s = spent([*_READ, str(tree)])
    print(f"limit, {row.title}: a build {build_s:.2f} CPU s, a plain read {read_s:.2f}", flush=True)


_PACK = """
import sys
from pathlib import Path
from bench.packing import pack_tree
pack_tree(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
"""


def _libdeflate(files: Path, level: int) -> list[str]:
    script = 'find "$1" -type f -exec libdeflate-gzip -c "-$2" {} +'
    return ["sh", "-c", script, "sh", str(files), str(level)]


def _environment() -> dict[str, str]:
    dest = debian.brought(REAL / "limit", lambda lists: debian.closure(_PACKAGES, lists), "peers")
    return tools.having(dest)
