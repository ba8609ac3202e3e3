"""Runs two things in turn and compares them pair by pair."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def command(
    argv: Sequence[str], environment: Mapping[str, str] | None = None
) -> Callable[[], object]:
    """Return a function that runs a command and throws its output away."""
    return lambda: subprocess.run(argv, stdout=subprocess.DEVNULL, env=environment, check=True)


def margin(
    title: str, ours: Sequence[str], peer: Sequence[str], peer_title: str, pairs: int = 15
) -> None:
    """Print by how much longer one command takes than another, and how much more CPU."""
    runs = [(*spent(ours), *spent(peer)) for _ in range(pairs + 1)][1:]
    wall = sorted(a - b for a, _, b, _ in runs)
    cpu = sorted(a - b for _, a, _, b in runs)
    print(
        f"{title}: {statistics.median(wall):.4f} s more than {peer_title} "
        f"({wall[0]:.3f} to {wall[-1]:.3f}, {len(runs)} pairs), "
        f"CPU {statistics.median(cpu):.4f} s more ({cpu[0]:.3f} to {cpu[-1]:.3f})"
    )


def spent(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Return the seconds that a command took, and those of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = seconds(command(argv, environment))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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
