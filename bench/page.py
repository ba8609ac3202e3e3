"""Open the HTML report of 20,000 files in a real Chromium: how long until it can be used."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from trees import chromium

FOLDER = Path("build/bench/page")
SMALL, LARGE = 200, 20_000
RUNS = 7
KINDS = ["erl", "beam", "html", "hrl", "md", "json", "c", "so", "txt", "py"]

# From the start of the navigation to the first picture, on a clock that starts there.
READY = "performance.getEntriesByName('ready')[0].startTime"
# What a person does, and the frame that shows its result; in milliseconds.
AFTER = """act => new Promise((done) => {
  const start = performance.now();
  if (act === "search") {
    const search = document.getElementById("search");
    search.value = "file_7 json";
    search.dispatchEvent(new Event("input"));
  } else if (act === "zoom") document.querySelector("#cells button").click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def main() -> None:
    with chromium.started() as browser:
        small, large = _report(SMALL), _report(LARGE)
        pairs = [(_ready(browser, large), _ready(browser, small)) for _ in range(RUNS + 1)][1:]
        ready = statistics.median(a for a, _ in pairs)
        ratios = sorted(a / b for a, b in pairs)
        print(
            f"page of {LARGE:,} files, {large.stat().st_size:,} B: ready after {ready:.0f} ms, "
            f"ratio to one of {SMALL} {statistics.median(ratios):.2f} "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f}, {len(pairs)} pairs)"
        )
        for act in ("zoom", "search"):
            times = [_after(browser, large, act) for _ in range(RUNS)]
            print(f"  {act}: {statistics.median(times):.0f} ms until it shows")


def _ready(browser: Browser, report: Path) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.resolve().as_uri())
    page.wait_for_selector("html[data-ready]")
    found = float(page.evaluate(READY))
    page.close()
    return found


def _after(browser: Browser, report: Path, act: str) -> float:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.resolve().as_uri())
    page.wait_for_selector("html[data-ready]")
    found = float(page.evaluate(AFTER, act))
    page.close()
    return found


def _report(files: int) -> Path:
    """Return the report of a tree of so many files, made if it is not there yet."""
    tree = FOLDER / f"tree-{files}"
    if not (tree / "done").exists():
        for number in range(files):
            folder = tree / "lib" / f"app{number // 400}-1.0" / f"part{number // 20 % 20}"
            folder.mkdir(parents=True, exist_ok=True)
            name = f"file_{number}.{KINDS[number % len(KINDS)]}"
            (folder / name).write_bytes(b"x" * (100 + number * 7919 % 20_011))
        (tree / "done").touch()
    report = FOLDER / f"report-{files}.html"
    places = ["-o", str(FOLDER / "page.zip"), "--html", str(report)]
    argv = [sys.executable, "-m", "slimmer", "build", str(tree), *places, "--level", "1"]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return report
