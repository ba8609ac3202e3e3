"""A minute of figures: the OTP layer, one pair of each, beside ``zip -9`` of what slim keeps."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.layer import pack, unpack
from bench.timing import seconds, spent
from trees.otp import otp_layer


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        made = scratch / "made.zip"
        slim = [sys.executable, "-m", "slimmer", "build", str(otp_layer()), "-o", str(made)]
        cached = [*slim, "--cache", str(scratch / "cache")]
        rows = {
            "the build": spent([*slim, "--no-cache"]),
            "filling a cache": spent(cached),
            "the same again": spent(cached),
            "an estimate": spent([*slim, "--no-cache", "--estimate"]),
        }
        kept = unpack(made, scratch / "kept")
        peer_s = seconds(lambda: pack(kept, scratch / "peer.zip"))
        for title, (wall_s, cpu_s) in rows.items():
            print(f"quick, {title}: {wall_s:.2f} s, CPU {cpu_s:.2f} s")
        ratio = made.stat().st_size / (scratch / "peer.zip").stat().st_size
        print(f"quick, zip -9 of what ships: {peer_s:.2f} s; slim's zip is {ratio:.3f} of its size")


if __name__ == "__main__":
    main()
