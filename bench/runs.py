"""The project's trees as functions: start, invocation and memory, before and after slimming."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.each import each
from trees import proofs

PAIRS = 5


def main() -> None:
    for name, folder in each("runs", proofs.TREES):
        measure(name, folder)


def measure(name: str, folder: Path) -> None:
    """Print medians of pairs of runs: each event is answered once by the zip, once by the tree."""
    with proofs.laid_out(name, folder) as laid:
        proofs.build(name, laid)
        reports = [_verified(name, laid) for _ in range(PAIRS)]
    ours, plain = ([report[which] for report in reports] for which in ("run", "original"))
    print(f"runs, {name}: medians of {PAIRS} pairs")
    for title, figure in FIGURES.items():
        print(f"  {title}: {figure(ours)}; before slimming: {figure(plain)}")


def _verified(name: str, laid: proofs.Laid) -> Any:
    outcome, report = proofs.verify(name, laid)
    if outcome.returncode:
        raise SystemExit(outcome.stdout + outcome.stderr)
    return report


def _milliseconds(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:,.0f} ms, fastest {min(values) * 1000:,.0f} ms"


def _init(runs: Sequence[Any]) -> str:
    return _milliseconds([run["init_s"] for run in runs])


def _first(runs: Sequence[Any]) -> str:
    return _milliseconds([run["events"][0]["seconds"] for run in runs])


def _later(runs: Sequence[Any]) -> str:
    return _milliseconds([event["seconds"] for run in runs for event in run["events"][1:]])


def _return(runs: Sequence[Any]) -> str:
    return f"at most {max(run['return_s'] for run in runs) * 1000:,.0f} ms"


def _memory(runs: Sequence[Any]) -> str:
    return f"{statistics.median(run['peak_bytes'] for run in runs) / 1e6:.1f} MB"


FIGURES = {
    "start to the first request": _init,
    "first event": _first,
    "later events": _later,
    "last answer until no process was left": _return,
    "peak memory": _memory,
}
