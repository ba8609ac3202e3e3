"""How time and memory of a build grow with files and bytes; draws docs/growth.svg.

The trees are made of real files, the largest Python libraries, over and over under other names and
with a line of their own, so that no two are equal. ``python -m bench growth`` makes and builds all;
``python -m bench.growth 1000 100`` only those with at most so many files and megabytes.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from trees import jvm, wheels

FILES = (1_000, 10_000, 100_000)
MEGABYTES = (100, 1_000, 4_000)
CLASSES = (9_000, 90_000)
SMALL_BYTES = 2_000
CHART = Path("docs/growth.svg")
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
    """Return a chart: CPU by size for each series, both logarithmic, as an SVG."""
    import math  # noqa: PLC0415 - for the chart alone

    width, height, margin = 640, 300, 56
    points = [p for those in series.values() for p in those]
    if not points:
        return ""
    spans = [
        (math.log10(min(values)), max(math.log10(max(values) / min(values)), 0.1))
        for values in ([p.size for p in points], [p.cpu_s for p in points])
    ]

    def at(point: Point) -> str:
        (x0, dx), (y0, dy) = spans
        x = margin + (math.log10(point.size) - x0) / dx * (width - 2 * margin)
        y = height - margin - (math.log10(point.cpu_s) - y0) / dy * (height - 2 * margin)
        return f"{x:.0f},{y:.0f}"

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        "<style>text { font: 12px sans-serif }</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    colours = ("#1a7f37", "#0969da", "#9a6700")
    for colour, (title, those) in zip(colours, series.items(), strict=False):
        way = " ".join(map(at, those))
        lines.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in those:
            x, _, y = at(point).partition(",")
            label = f"{point.size:,}: {point.cpu_s:.1f} s, {point.peak_bytes / 2**20:.0f} MiB"
            lines.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
            lines.append(f'<text x="{x}" y="{int(y) - 8}" fill="{colour}">{label}</text>')
        number = list(series).index(title)
        lines.append(f'<text x="8" y="{16 + 16 * number}" fill="{colour}">{title}</text>')
    lines.append(
        f'<text x="{width // 2}" y="{height - 12}" fill="#59636e">size and seconds of CPU, '
        "both logarithmic</text></svg>"
    )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ["SLIM_CACHE"] = "off"
    main(*map(int, sys.argv[1:]))
