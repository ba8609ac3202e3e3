"""Runs two things in turn and compares them pair by pair."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def command(argv: Sequence[str]) -> Callable[[], object]:
    """Return a function that runs a command and throws its output away."""
    return lambda: subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)


def margin(
    title: str,
    ours: Callable[[], float],
    peer: Callable[[], float],
    peer_title: str,
    runs: int = 15,
) -> None:
    """Print medians, and by how much ours takes longer, of ``runs`` pairs after one more."""
    ours()
    peer()
    pairs = [(ours(), peer()) for _ in range(runs)]
    more = sorted(a - b for a, b in pairs)
    print(
        f"{title}: {statistics.median(a for a, _ in pairs):.3f} s, "
        f"{peer_title}: {statistics.median(b for _, b in pairs):.3f} s, "
        f"{statistics.median(more):.3f} s more ({more[0]:.3f} to {more[-1]:.3f}, {runs} pairs)"
    )


def compare(
    title: str, ours: Callable[[], float], peer: Callable[[], float], peer_title: str, runs: int = 7
) -> None:
    """Print medians and the median ratio of ``runs`` pairs, after one that does not count."""
    ours()
    peer()
    pairs = [(ours(), peer()) for _ in range(runs)]
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"{title}: {statistics.median(a for a, _ in pairs):.3f} s, "
        f"{peer_title}: {statistics.median(b for _, b in pairs):.3f} s, "
        f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}, {runs} pairs)"
    )
