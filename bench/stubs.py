"""What the stubs of a shrink cost at a start: what of them it asks for, and paired starts.

A stub is a file, and no code of its own runs at a start; so it costs what a start does with it. A
shrunk artifact runs once under slim's trace, which sees each file that is opened or looked for. A
stub that nobody asks for costs its name, where its folder is listed: all are listed at once here.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.each import each
from slimmer.shrink.used import used_paths
from trees import probed

STARTS = 25
LISTINGS = 50


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
    asked = _asked(tree, with_stubs, without)
    figures = tree.starts(with_stubs, without, uses, STARTS)
    ratio, cpu = figures["init_cpu_s"]["ratio"], figures["init_cpu_s"]["original"]["median"]
    cost, least, most = (1000 * cpu * (ratio[key] - 1) for key in ("median", "low", "high"))
    return (
        f"{asked}; {cost:+.1f} ms of CPU at a start, middle half {least:+.1f} to {most:+.1f}; "
        f"{_both(figures, 'init_cpu_s')} CPU s of init with stubs and without, ratio "
        f"{ratio['median']:.3f}, middle half {ratio['low']:.3f} to {ratio['high']:.3f}; "
        f"{_both(figures, 'opened_files')} files opened; {STARTS} pairs"
    )


def _asked(tree: probed.Probed, with_stubs: Path, without: Path) -> str:
    """Return how many stubs there are, and how many a start and one event ask for."""
    stubs = _members(with_stubs).keys() - _members(without).keys()
    size_bytes = sum(_members(with_stubs)[name] for name in stubs)
    seen = tree.folder / "watched"
    program = (sys.executable, "-m", "bench.watched", str(seen))
    done = replace(tree, tree=with_stubs).shrink(tree.names("use")[:1], program=program)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    artifact, place, accesses = pickle.loads(seen.read_bytes())  # noqa: S301 - just written
    used = used_paths(artifact, place, accesses)
    listed_ms = _listed_ms(tree.folder / "names", len(stubs))
    return (
        f"{len(stubs):,} stubs of {size_bytes:,} B, of which a start with its event asks for "
        f"{len(stubs & used):,}, and for {len(used - stubs):,} other files; to list the names of "
        f"all takes {listed_ms:.2f} ms"
    )


def _listed_ms(folder: Path, count: int) -> float:
    """Return the CPU time that Python takes to list so many files and keep their names."""
    folder.mkdir()
    for number in range(count):
        (folder / f"module_{number:08}.py").touch()
    begin = time.process_time()
    for _ in range(LISTINGS):
        set(os.listdir(folder))  # noqa: PTH208 - as importlib does
    return 1000 * (time.process_time() - begin) / LISTINGS


def _members(path: Path) -> dict[str, int]:
    """Return the files of a zip, each with its bytes."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}


def _both(figures: Mapping[str, Any], name: str) -> str:
    found = figures.get(name)
    if found is None:
        return "not measured"
    return f"{found['artifact']['median']:g} and {found['original']['median']:g}"
