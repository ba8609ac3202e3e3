"""How time and memory of a build grow with files and bytes; draws docs/growth.svg.

The trees are made of real files, the largest Python libraries, over and over under other names and
with a line of their own, so that no two are equal. ``python -m bench growth`` makes and builds all;
``python -m bench.growth 1000 100`` only those with at most so many files and megabytes.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from trees import jvm, wheels

FILES = (1_000, 10_000, 100_000)
MEGABYTES = (100, 1_000, 4_000)
CLASSES = (9_000, 90_000)
SMALL_BYTES = 2_000
CHART = Path("docs/growth.svg")
#: The chart's pixels: a panel's width and height, and what is left free beside and above a line.
_PANEL, _HEIGHT, _MARGIN, _EDGE = 280, 240, 20, 48
_COLOUR = "#0969da"
_MEASURE = (
    "import resource, subprocess, sys, time, json;"
    "start = time.perf_counter();"
    "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
    "r = resource.getrusage(resource.RUSAGE_CHILDREN);"
    "print(json.dumps([time.perf_counter() - start, r.ru_utime + r.ru_stime, r.ru_maxrss * 1024,"
    " code]))"
)


class Point(NamedTuple):
    """What one build took."""

    size: int
    wall_s: float
    cpu_s: float
    peak_bytes: int


def main(most_files: int = 100_000, most_megabytes: int = 4_000) -> None:
    """Build all trees up to a size, print a line for each, and draw them."""
    series: dict[str, list[Point]] = {}
    for title, sizes, make in (
        ("files of 2 kB", [n for n in FILES if n <= most_files], small_files),
        ("MB in files of 1 MB", [n for n in MEGABYTES if n <= most_megabytes], large_files),
        ("classes in jars", [n for n in CLASSES if n <= most_files], class_files),
    ):
        series[title] = points = []
        for size in sizes:
            with tempfile.TemporaryDirectory(dir="build") as scratch:
                tree = Path(scratch).resolve() / "tree"
                make(tree, size)
                points.append(measured(tree, size, Path(scratch).resolve() / "made.zip"))
            last = points[-1]
            each = last.cpu_s / size / (points[0].cpu_s / points[0].size)
            print(
                f"growth, {size:,} {title}: {last.wall_s:.1f} s, CPU {last.cpu_s:.1f} s, peak "
                f"{last.peak_bytes / 2**20:.0f} MiB; CPU by unit {each:.2f} of the smallest tree's",
                flush=True,
            )
    CHART.write_text(drawn(series), "utf-8")


def measured(tree: Path, size: int, target: Path) -> Point:
    """Build a tree without a cache, and return what that took."""
    slim = [sys.executable, "-m", "slimmer", "build", str(tree), "-o", str(target), "--no-cache"]
    slim += ["--dry-run", "--target", "lambda-image"]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *slim], capture_output=True, text=True, check=True
    )
    wall_s, cpu_s, peak_bytes, _ = json.loads(done.stdout)
    return Point(size, wall_s, cpu_s, peak_bytes)


def _texts() -> Iterator[bytes]:
    """Yield the sources of real libraries, for ever."""
    files = sorted(Path(wheels.layer(*wheels.EIGHT)).glob("python/*/*.py"))
    return itertools.cycle([file.read_bytes() for file in files])


def small_files(tree: Path, count: int) -> None:
    """Write files of 2 kB, a thousand to a folder."""
    texts = _texts()
    for number in range(count):
        folder = tree / f"package{number // 1000}"
        folder.mkdir(parents=True, exist_ok=True)
        data = f"# {number}\n".encode() + next(texts)
        (folder / f"data{number}.txt").write_bytes(data[:SMALL_BYTES])


def large_files(tree: Path, megabytes: int) -> None:
    """Write files of 1 MB."""
    tree.mkdir(parents=True)
    libraries = sorted(Path(wheels.layer(*wheels.EIGHT)).glob("python/*/*.so*"))
    parts = (
        data[at : at + 1_000_000]
        for library in itertools.cycle(libraries)
        if (data := library.read_bytes())
        for at in range(0, len(data), 1_000_000)
    )
    for number in range(megabytes):
        data = str(number).encode() + next(parts)
        (tree / f"part{number}.bin").write_bytes(data.ljust(1_000_000, b"-")[:1_000_000])


def class_files(tree: Path, count: int) -> None:
    """Write jars of 3,000 classes each, as ``zip`` makes them of Clojure's."""
    import zipfile  # noqa: PLC0415 - for this tree alone

    found: list[bytes] = []
    for jar in sorted(jvm.tree().glob("**/*.jar")):
        with zipfile.ZipFile(jar) as archive:
            found += [archive.read(n) for n in archive.namelist() if n.endswith(".class")]
    classes = itertools.cycle(found)
    tree.mkdir(parents=True)
    for jar_number in range(0, count, 3000):
        path = tree / f"lib{jar_number}.jar"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(jar_number, min(jar_number + 3000, count)):
                archive.writestr(f"p{number % 50}/C{number}.class", next(classes))


def drawn(series: dict[str, list[Point]]) -> str:
    """Return a chart as an SVG: a panel for each series, CPU by size, both logarithmic."""
    width = _PANEL * len(series)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}">',
        "<style>text { font: 12px sans-serif; fill: #59636e } .title { font-weight: bold }</style>",
        f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for number, (title, points) in enumerate(series.items()):
        lines += _panel(number * _PANEL, title, points)
    return "\n".join((*lines, "</svg>")) + "\n"


def _panel(left: int, title: str, points: list[Point]) -> Iterator[str]:
    """Yield the lines of one series, from a place on; the dotted one is what grows as size does."""
    yield f'<text x="{left + _MARGIN}" y="20" class="title">{title}</text>'
    if len(points) < 2:
        return
    first, last = points[0], points[-1]
    decades = math.log10(last.size / first.size)
    floor = math.log10(min(first.cpu_s, last.cpu_s * first.size / last.size))
    across = (_PANEL - 2 * _MARGIN) / decades
    up = (_HEIGHT - 2 * _EDGE) / max(math.log10(last.cpu_s) - floor, 0.1)

    def at(size: float, cpu_s: float) -> tuple[float, float]:
        x = left + _MARGIN + math.log10(size / first.size) * across
        return x, _HEIGHT - _EDGE - (math.log10(cpu_s) - floor) * up

    def line(ends: Iterable[tuple[float, float]], look: str) -> str:
        way = " ".join(f"{x:.0f},{y:.0f}" for x, y in ends)
        return f'<polyline points="{way}" fill="none" stroke="{_COLOUR}" {look}/>'

    linear = at(first.size, last.cpu_s * first.size / last.size), at(last.size, last.cpu_s)
    yield line(linear, 'stroke-dasharray="2 4"')
    yield line((at(each.size, each.cpu_s) for each in points), 'stroke-width="2"')
    for each in points:
        x, y = at(each.size, each.cpu_s)
        anchor = "start" if each is first else "end"
        above = 24 if each is first else 10  # where the line that rises from it leaves room
        told = f"{each.cpu_s:.1f} s, {each.peak_bytes / 2**20:.0f} MiB"
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{_COLOUR}"/>'
        yield f'<text x="{x:.0f}" y="{y - above:.0f}" text-anchor="{anchor}">{told}</text>'
        yield f'<text x="{x:.0f}" y="{_HEIGHT - 14}" text-anchor="{anchor}">{each.size:,}</text>'


if __name__ == "__main__":
    os.environ["SLIM_CACHE"] = "off"
    main(*map(int, sys.argv[1:]))
