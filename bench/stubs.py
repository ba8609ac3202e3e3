"""What the stubs of a shrink cost at a start: the same shrink with and without, paired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.each import each
from trees import probed

STARTS = 25


def main() -> None:
    for name, folder in each("stubs", probed.LAYOUTS):
        print(f"stubs, {name}: {_measured(probed.lay_out(name, folder))}", flush=True)


def _measured(tree: probed.Probed) -> str:
    uses = tree.names("use")[:1]
    done = tree.shrink(uses, "--guard-drops")
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    with_stubs = tree.build("with.zip", "--shrink", "slim.shrink.toml")
    said = (tree.folder / "slim.shrink.toml").read_text("utf-8")
    (tree.folder / "plain.toml").write_text(said.replace("\nguard = true\n", "\n"), "utf-8")
    without = tree.build("without.zip", "--shrink", "plain.toml")
    figures = tree.starts(with_stubs, without, uses, STARTS)
    ratio, cpu = figures["init_cpu_s"]["ratio"], figures["init_cpu_s"]["original"]["median"]
    cost, least, most = (1000 * cpu * (ratio[key] - 1) for key in ("median", "low", "high"))
    return (
        f"{cost:+.1f} ms of CPU at a start, middle half {least:+.1f} to {most:+.1f}; "
        f"{_both(figures, 'init_cpu_s')} CPU s of init with stubs and without, ratio "
        f"{ratio['median']:.3f}, middle half {ratio['low']:.3f} to {ratio['high']:.3f}; "
        f"{_both(figures, 'opened_files')} files opened; {STARTS} pairs"
    )


def _both(figures: Mapping[str, Any], name: str) -> str:
    found = figures.get(name)
    if found is None:
        return "not measured"
    return f"{found['artifact']['median']:g} and {found['original']['median']:g}"
