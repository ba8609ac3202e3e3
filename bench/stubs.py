"""What the stubs of a shrink cost at a start: the same shrink with and without, paired.

``python -m bench stubs`` measures all trees of trees.probed, words after it those with a word in
the name.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from trees import probed, proofs

STARTS = 15


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "stubs"]
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        for at, name in enumerate(probed.LAYOUTS):
            if name == proofs.EIGHT and sys.version_info[:2] != (3, 11):
                print(f"stubs, {name}: the wheels are for Python 3.11, and another one runs this")
            elif not words or any(word in name for word in words):
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
    ours, theirs = figures["init_cpu_s"]["artifact"], figures["init_cpu_s"]["original"]
    return (
        f"init {ours['median'] * 1000:.1f} ms of CPU with stubs, {theirs['median'] * 1000:.1f} "
        f"without; ratio {json.dumps(figures['init_cpu_s']['ratio'])}, {STARTS} pairs"
    )
