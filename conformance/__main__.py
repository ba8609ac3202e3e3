"""Runs every shape both ways: ``python -m conformance``, or ``python -m conformance node WORD``.

It fails where a shape differs without a known reason, and where a reason is no longer needed.
``--docs`` writes the table of docs/verify.md after a whole run that passes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from conformance import emulator, ours
from conformance.languages import LANGUAGES, Language
from conformance.outcome import Outcome
from conformance.shapes import Shape, Trees, shapes
from conformance.table import PAGE, with_table


class Result(NamedTuple):
    """What came of a shape under AWS's emulator, and under slim."""

    shape: Shape
    theirs: list[Outcome]
    ours: list[Outcome]

    @property
    def alike(self) -> bool:
        """Whether both did the same."""
        if len(self.theirs) != len(self.ours):
            return False
        pairs = zip(self.theirs, self.ours, strict=True)
        return all(one.is_like(other) for one, other in pairs)

    @property
    def expected(self) -> bool:
        """Whether they are alike, or differ where that is known."""
        return self.alike is not bool(self.shape.differs)


def main() -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("words", nargs="*", help="languages, and words of shapes' names")
    parser.add_argument("--docs", action="store_true", help="write the table of docs/verify.md")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every outcome")
    asked = parser.parse_args()
    names = [word for word in asked.words if word in LANGUAGES] or list(LANGUAGES)
    words = [word for word in asked.words if word not in LANGUAGES]
    results = []
    for name in names:
        wanted = [s for s in shapes(name) if not words or any(word in s.name for word in words)]
        found = [_run(shape, LANGUAGES[name], verbose=asked.verbose) for shape in wanted]
        print(_summary(LANGUAGES[name].title, found), flush=True)
        results += found
    print(_summary("all", results))
    passed = all(result.expected for result in results)
    if asked.docs and passed and not asked.words:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    return 0 if passed else 1


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
    return f"{title}: {alike} of {len(results)} alike{more}"


if __name__ == "__main__":
    sys.exit(main())
