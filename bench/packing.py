"""Pack whole trees, nothing dropped and nothing changed, against ``zip -qyr9XD`` of the same files.

``python -m bench.packing TREE ZIP`` packs one alone, as the bench does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.rebuild import ROWS, Row
from bench.timing import spent
from slimmer.config.settings import DEFAULT_LEVEL
from slimmer.inputs.folder import Folder, scan
from slimmer.model.tree import Entry, Kind
from slimmer.outputs.zip import LINK_MODE, MemberContent, PendingMember, file_mode, write_zip

PAIRS = 5


def main() -> None:
    for row in ROWS:
        with tempfile.TemporaryDirectory() as scratch:
            print(line(row, Path(scratch)), flush=True)


def line(row: Row, scratch: Path) -> str:
    """Return the medians of pairs that are run in turn."""
    tree = str(row.tree().resolve())
    ours, theirs = scratch / "ours.zip", scratch / "theirs.zip"
    pack = [sys.executable, "-m", "bench.packing", tree, str(ours)]
    peer = ["sh", "-c", 'cd "$1" && rm -f "$2" && zip -qyr9XD "$2" .', "sh", tree, str(theirs)]
    pairs = [(spent(pack), spent(peer)) for _ in range(PAIRS)]
    wall, cpu = (statistics.median(a[n] / b[n] for a, b in pairs) for n in (0, 1))
    size_bytes, peer_bytes = ours.stat().st_size, theirs.stat().st_size
    return (
        f"packing {row.title} at level {DEFAULT_LEVEL}: {size_bytes:,} B, zip -qyr9XD "
        f"{peer_bytes:,} B ({size_bytes / peer_bytes - 1:+.2%}), in {wall:.2f} of its time, "
        f"{cpu:.2f} of its CPU, {PAIRS} pairs"
    )


def pack_tree(root: Path, target: Path, level: int = DEFAULT_LEVEL) -> None:
    """Write a zip of all files and links of a folder."""
    folder = scan(root)
    entries = [entry for entry in folder.tree.entries if entry.kind in (Kind.FILE, Kind.LINK)]
    pending = [
        PendingMember(entry.path, partial(content, folder, entry), size_bytes=entry.size_bytes)
        for entry in entries
    ]
    with target.open("wb") as file:
        write_zip(file, target.name, pending, level=level)


def content(folder: Folder, entry: Entry) -> MemberContent:
    if entry.kind is Kind.LINK:
        return MemberContent(LINK_MODE, entry.target.encode())
    data = folder.read(entry.path)
    return MemberContent(file_mode(data, executable=entry.executable), data)


if __name__ == "__main__":
    pack_tree(Path(sys.argv[1]), Path(sys.argv[2]))
