"""Scan and decide 100,000 files in 2,000 folders, most of them dropped, against ``find``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.timing import command, compare, seconds

TREE = Path("build/bench/many-applications")
FOLDERS = 2_000
FILES_IN_EACH = 50
KINDS = [
    ("src", "erl"),
    ("doc", "html"),
    ("ebin", "beam"),
    ("include", "hrl"),
    ("test", "txt"),
    ("priv", "json"),
    ("examples", "md"),
    ("c_src", "c"),
    ("man", "1"),
    ("info", "h"),
]
# A process of its own for each run: no cache of the first can help the second.
DECIDE = """
import sys, time
from pathlib import Path
from slimmer.cli import quick
from slimmer.config.settings import Settings
from slimmer.decide.question import Question
from slimmer.rules.packs import load_packs
from slimmer.decide.decide import decide_tree
from slimmer.inputs.folder import scan
quick()
packs = load_packs()
start = time.perf_counter()
decision = decide_tree(Question(scan(Path(sys.argv[1])), packs, Settings()))
elapsed = time.perf_counter() - start
print(elapsed, sum(v.action.value == "drop" for v in decision.verdicts.values()))
"""


def main() -> None:
    make_tree()
    dropped = decide()[1]
    print(f"scan: {FOLDERS * FILES_IN_EACH:,} files in {FOLDERS:,} folders, {dropped:,} dropped")
    plain = command(["find", str(TREE)])
    full = command(["find", str(TREE), "-printf", "%p %y %s %m %l\\n"])
    ours = "slim, scanned and decided"
    compare(ours, lambda: decide()[0], lambda: seconds(plain), "find")
    compare(ours, lambda: decide()[0], lambda: seconds(full), "find -printf of the same picture")


def decide() -> tuple[float, int]:
    run = [sys.executable, "-c", DECIDE, str(TREE)]
    out = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), int(out[1])


def make_tree() -> None:
    if (TREE / "done").exists():
        return
    (TREE / "erts-13" / "bin").mkdir(parents=True, exist_ok=True)
    (TREE / "erts-13" / "bin" / "beam.smp").write_bytes(b"x")
    (TREE / "bootstrap").write_bytes(b"#!/bin/sh\nexec erts-13/bin/beam.smp\n")
    for number in range(FOLDERS):
        name, suffix = KINDS[number % len(KINDS)]
        folder = TREE / "lib" / f"app{number // len(KINDS)}-1.0" / name
        folder.mkdir(parents=True, exist_ok=True)
        if name == "ebin":
            app = f"app{number // len(KINDS)}"
            text = f'{{application,{app},[{{vsn,"1.0"}},{{applications,[kernel]}}]}}.\n'
            (folder / f"{app}.app").write_text(text)
        for file in range(FILES_IN_EACH):
            (folder / f"file_{file}.{suffix}").write_bytes(b"x" * 50)
    (TREE / "done").write_bytes(b"x")
