"""The whole OTP and Elixir layer: our zip against ``zip -9`` of what slim keeps, and of all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from bench.timing import command, compare, seconds

TREE = Path("build/demo/runtime")


def main() -> None:
    if not TREE.is_dir():
        print("layer: no build/demo/runtime; run make demo first")
        return
    if shutil.which("zip") is None:
        print("layer: no zip on PATH to compare with")
        return
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch))


def measure(scratch: Path) -> None:
    ours, report = scratch / "ours.zip", scratch / "report.json"
    slim = [sys.executable, "-m", "slimmer", "build", str(TREE), "-o", str(ours)]
    subprocess.run([*slim, "--json", str(report)], stdout=subprocess.DEVNULL, check=True)
    artifact = json.loads(report.read_text("utf-8"))["artifacts"][0]
    kept = unpack(ours, scratch / "kept")
    peer = pack(kept, scratch / "peer.zip")
    print(
        f"layer: unzipped {artifact['unzipped_bytes']:,} B, zipped {artifact['zip_bytes']:,} B, "
        f"zip -9 of the same {peer:,} B ({artifact['zip_bytes'] / peer:.1%})"
    )

    def pack_peer() -> float:
        (scratch / "peer.zip").unlink(missing_ok=True)
        return seconds(lambda: pack(kept, scratch / "peer.zip"))

    compare("slim build, all of it", lambda: seconds(command(slim)), pack_peer, "zip -9", runs=3)


def pack(folder: Path, target: Path) -> int:
    subprocess.run(["zip", "-9", "-q", "-y", "-X", "-r", str(target), "."], cwd=folder, check=True)
    return target.stat().st_size


def unpack(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            place = folder / info.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            if info.external_attr >> 28 == 0o12:
                place.symlink_to(opened.read(info).decode())
            elif not info.is_dir():
                place.write_bytes(opened.read(info))
    return folder
