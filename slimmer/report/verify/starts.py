"""The figures of starts, as rows for people and as JSON."""

from __future__ import annotations

from typing import Any, Final

from slimmer.report.terminal import table
from slimmer.sizes import size_text
from slimmer.verify.model import Figure, Proof, Spread, Starts
from slimmer.verify.prices import STARTS, load_prices

_TITLES: Final = {
    "init_cpu_s": "CPU of init",
    "init_s": "init",
    "first_answer_cpu_s": "CPU to the first answer",
    "first_answer_s": "first answer after",
    "peak_bytes": "peak memory",
    "opened_files": "files opened",
    "opened_bytes": "size of these",
}
HEADER: Final = ("median", "artifact", "original", "ratio", "middle half of ratios")


def start_rows(starts: Starts) -> list[tuple[str, ...]]:
    """Return a row for each figure: its name, both medians, and their ratio with its spread."""
    return [
        (
            _TITLES[figure.name],
            _value(figure, figure.artifact.median),
            _value(figure, figure.original.median) if figure.original else "",
            f"{figure.ratio.median:.2f}" if figure.ratio else "",
            f"{figure.ratio.low:.2f} to {figure.ratio.high:.2f}" if figure.ratio else "",
        )
        for figure in starts.figures
    ]


def start_lines(proof: Proof) -> list[str]:
    """Return the figures of starts as text, and what a million of them cost; nothing without."""
    if proof.starts is None:
        return []
    width = 5 if proof.original else 2
    rows = [row[:width] for row in start_rows(proof.starts)]
    lines = table(HEADER[:width], rows, frozenset({0}))
    return [f"{proof.starts.count} fresh starts", *lines, *cost_lines(proof)]


def cost_lines(proof: Proof) -> list[str]:
    """Return what the init of a million cold starts costs, for the time that it took here."""
    costs = _costs(proof)
    if not costs:
        return []
    shown = ", ".join(f"${usd:,.2f} on {arch}" for arch, usd in costs.items())
    memory = f"{proof.memory_bytes // 2**20:,} MiB"
    took = f"billed init of {STARTS:,} cold starts with {memory}, each as long as here"
    return [f"{took}: {shown}"]


def starts_document(proof: Proof) -> dict[str, Any] | None:
    """Return the figures of starts for JSON; None where none were measured."""
    if proof.starts is None:
        return None
    figures = {
        figure.name: {
            "artifact": _spread(figure.artifact),
            "original": _spread(figure.original),
            "ratio": _spread(figure.ratio),
        }
        for figure in proof.starts.figures
    }
    return {
        "count": proof.starts.count,
        "figures": figures,
        "usd_for_a_million": _costs(proof),
        "prices": load_prices().source,
    }


def _costs(proof: Proof) -> dict[str, float]:
    init = proof.starts.figure("init_s") if proof.starts else None
    if init is None:
        return {}
    prices = load_prices()
    return {
        arch: float(round(prices.usd(init.artifact.median, proof.memory_bytes, arch), 2))
        for arch in prices.usd_per_gb_second
    }


def _spread(spread: Spread | None) -> dict[str, float] | None:
    if spread is None:
        return None
    return {name: round(value, 4) for name, value in spread._asdict().items()}


def _value(figure: Figure, value: float) -> str:
    if figure.name == "opened_files":
        return f"{value:,.0f}"
    if figure.name.endswith("_bytes"):
        return size_text(round(value))
    return f"{value:.2f} s" if "cpu" in figure.name else f"{value * 1000:,.0f} ms"
