"""What the stubs of a shrink cost at a start: the same shrink with and without, paired."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trees import probed, proofs

STARTS = 15


def main() -> None:
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        for at, name in enumerate(probed.LAYOUTS):
            if name == proofs.EIGHT and sys.version_info[:2] != (3, 11):
                print(f"stubs, {name}: the wheels are for Python 3.11, and another one runs this")
            else:
                tree = probed.lay_out(name, Path(scratch).resolve() / str(at))
                print(f"stubs, {name}: {_measured(tree)}", flush=True)


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
    ratio = figures["init_cpu_s"]["ratio"]
    return (
        f"{_both(figures, 'init_cpu_s')} CPU s of init with stubs and without, ratio "
        f"{ratio['median']:.3f}, middle half {ratio['low']:.3f} to {ratio['high']:.3f}; "
        f"{_both(figures, 'opened_files')} files opened; {STARTS} pairs"
    )


def _both(figures: Mapping[str, Any], name: str) -> str:
    found = figures.get(name)
    if found is None:
        return "not measured"
    return f"{found['artifact']['median']:g} and {found['original']['median']:g}"
