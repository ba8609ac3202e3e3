"""What came of each shape, kept until the next whole run: one that is broken off can be resumed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from conformance.outcome import Outcome
from conformance.shapes import Shape
from trees import BUILD, HERE

_FILE = BUILD / "conformance.json"
_SHOWN = 200  # of an answer, whose digest is what counts
_CODE = ("slimmer", "rules", "conformance", "trees")


class Result(NamedTuple):
    """What came of a shape under AWS's emulator, and under slim, in so many seconds."""

    shape: Shape
    theirs: list[Outcome]
    ours: list[Outcome]
    seconds: float = 0.0

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


class Record:
    """The results of a whole run by the names of languages and shapes.

    Those that were not expected are not kept, and none is taken from a run of other code or of
    another shape of that name.
    """

    def __init__(self, file: Path, code: str, *, resume: bool) -> None:
        self._file = file
        self._code = code
        self._adding = Lock()
        self._found: dict[str, dict[str, list[object]]] = {}
        if resume and file.is_file():
            kept = json.loads(file.read_bytes())
            self._found = kept["found"] if kept["code"] == code else {}

    def get(self, language: str, shape: Shape) -> Result | None:
        """Return what came of a shape before, if it was run."""
        kept = self._found.get(language, {}).get(shape.name)
        if kept is None or kept[3] != _key(shape):
            return None
        theirs, ours, seconds = kept[:3]
        return Result(shape, _outcomes(theirs), _outcomes(ours), float(str(seconds)))

    def add(self, language: str, result: Result) -> None:
        """Keep a result."""
        with self._adding:
            self._add(language, result)

    def _add(self, language: str, result: Result) -> None:
        if result.expected:
            found = self._found.setdefault(language, {})
            both = [[o._replace(shown=o.shown[:_SHOWN]) for o in part] for part in result[1:3]]
            found[result.shape.name] = [*both, result.seconds, _key(result.shape)]
            aside = self._file.with_suffix(".part")
            aside.write_text(json.dumps({"code": self._code, "found": self._found}), "utf-8")
            aside.replace(self._file)


def record(*, resume: bool) -> Record:
    """Return the record of whole runs of the code as it is now."""
    shapes = Path(__file__).with_name("shapes")
    files = (f for folder in _CODE for f in (HERE.parent / folder).rglob("*") if f.is_file())
    code = sorted(f for f in files if shapes not in f.parents and f.suffix != ".pyc")
    total = "".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in code)
    return Record(_FILE, hashlib.sha256(total.encode()).hexdigest(), resume=resume)


def _key(shape: Shape) -> str:
    return hashlib.sha256(repr(shape).encode()).hexdigest()


def _outcomes(kept: object) -> list[Outcome]:
    return [Outcome(*words) for words in kept] if isinstance(kept, list) else []
