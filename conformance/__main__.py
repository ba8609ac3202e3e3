"""Runs every shape both ways: ``python -m conformance``, or ``python -m conformance node WORD``.

It fails where a shape differs without a known reason, and where a reason is no longer needed.
``--resume`` goes on with a whole run that was broken off, unless the code is another since then.
``--docs`` writes the table of docs/verify.md after a whole run that passes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conformance import emulator, ours
from conformance.languages import LANGUAGES, Language
from conformance.record import Record, Result, record
from conformance.shapes import Shape, Trees
from conformance.table import PAGE, with_table


def main() -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("words", nargs="*", help="languages, and words of shapes' names")
    parser.add_argument("--docs", action="store_true", help="write the table of docs/verify.md")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every outcome")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="run so many shapes at once")
    parser.add_argument("--resume", action="store_true", help="run what is not known yet")
    asked = parser.parse_args()
    if asked.words and asked.resume:
        parser.error("--resume goes on with a whole run, which names no words")
    known = None if asked.words else record(resume=asked.resume)
    families = {language.family for language in LANGUAGES.values()}
    words = [word for word in asked.words if word not in {*LANGUAGES, *families}]
    results = []
    for name, language in LANGUAGES.items():
        if words == asked.words or {name, language.family} & {*asked.words}:
            wanted = [s for s in language.shapes() if not words or any(w in s.name for w in words)]
            found = _results(wanted, name, known, asked)
            print(_summary(language.title, found), flush=True)
            results += found
    print(_summary("all", results))
    passed = all(result.expected for result in results)
    if asked.docs and passed and not asked.words:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    return 0 if passed else 1


def _results(
    wanted: Sequence[Shape], name: str, known: Record | None, asked: argparse.Namespace
) -> list[Result]:
    """Return what comes of shapes of a language, or what came of them before."""

    def result(shape: Shape) -> Result:
        before = known.get(name, shape) if known else None
        if before:
            return before
        begin_s = time.monotonic()
        found = _run(shape, LANGUAGES[name], verbose=asked.verbose)
        found = found._replace(seconds=time.monotonic() - begin_s)
        if known:
            known.add(name, found)
        return found

    with ThreadPoolExecutor(asked.jobs) as pool:
        return [*map(result, wanted[:1]), *pool.map(result, wanted[1:])]  # the first brings all


def _run(shape: Shape, language: Language, *, verbose: bool) -> Result:
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        theirs, own = Path(folder, "theirs"), Path(folder, "ours")
        for place in (Path(folder), theirs, own):
            place.mkdir(exist_ok=True)
            place.chmod(0o755)
        trees = Trees(language.function(), language.layer())
        runtime = ours.Runtime(language.runtime(), language.path(), language.client_folder())
        result = Result(
            shape,
            emulator.outcomes(shape, trees, language.emulated(), theirs),
            ours.outcomes(shape, trees, runtime, own),
        )
        if verbose or not result.expected:
            _show(result, folder)
    return result


def _show(result: Result, folder: str) -> None:
    shape = result.shape
    what = "alike" if result.alike else "differs"
    if result.alike and shape.differs:
        what = f"is alike, so this is no longer needed: {shape.differs}"
    print(f"{shape.language}: {shape.name}: {what}")
    for who, found in (("AWS ", result.theirs), ("slim", result.ours)):
        print(*(f"  {who} {outcome}" for outcome in found), sep="\n", flush=True)
    for log in ("theirs/emulator.log", "ours/slim.log"):
        text = Path(folder, log).read_text("utf-8", "replace")
        print(*(f"    {line[:200]}" for line in text.splitlines()[-6:]), sep="\n")


def _summary(title: str, results: list[Result]) -> str:
    alike = sum(result.alike for result in results)
    known = sum(bool(result.shape.differs) and not result.alike for result in results)
    more = f"; {known} differ for a known reason" if known else ""
    seconds = sum(result.seconds for result in results)
    return f"{title}: {alike} of {len(results)} alike{more}; {seconds:,.0f} s"


if __name__ == "__main__":
    sys.exit(main())
