"""An image through a pipe: ``docker save | slim build - -o - | docker load`` beside gzip.

The processor is that of the commands; Docker's daemon works for both, and is not counted.
"""

from __future__ import annotations

import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.timing import spent
from slimmer.inputs.open import open_source
from trees import Unavailable
from trees.erlang_image import erlang_image

PAIRS = 3
#: What is asked: of gzip's processor, and beside the largest file of memory.
ASKED_RATIO, ASKED_BYTES = 0.5, 256 * 2**20
NAME, SLIM_NAME = "slim-bench:1", "slim-bench:1-slim"
SLIM = f"{shlex.quote(sys.executable)} -m slimmer"
OURS = f"docker save {NAME} | {SLIM} build - -o - --quiet | docker load --quiet"
PEERS = f"docker save {NAME} | gzip | wc -c"


def main() -> None:
    image = erlang_image().resolve()
    _ask("docker", "info")
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        saved = Path(scratch, "saved.tar")
        _ask("skopeo", "copy", f"oci:{image}", f"docker-archive:{saved}:{NAME}")
        _ask("docker", "load", "--quiet", "--input", str(saved))
        size_bytes = saved.stat().st_size
    try:
        pairs = [(_cpu_s(OURS), _cpu_s(PEERS)) for _ in range(PAIRS)]
    finally:
        _ask("docker", "rmi", "--force", NAME, SLIM_NAME)
    ratios = sorted(ours / peers for ours, peers in pairs)
    print(
        f"pipe of an image of {size_bytes:,} B: CPU {statistics.median(a for a, _ in pairs):.1f} "
        f"s, docker save | gzip {statistics.median(b for _, b in pairs):.1f} s, ratio "
        f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}, {PAIRS} pairs; "
        f"asked {ASKED_RATIO})"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    largest = max(entry.size_bytes for entry in open_source(image).tree.entries)
    print(f"  memory {peak:,} B at most, asked {ASKED_BYTES + largest:,}, the largest file with it")


def _cpu_s(pipe: str) -> float:
    return spent(("bash", "-c", f"set -o pipefail; {pipe}"))[1]


def _ask(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        said: Sequence[str] = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise Unavailable(f"{' '.join(command[:2])}: {said[-1]}")
