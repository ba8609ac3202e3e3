"""The project's trees one after the other, each with a folder of its own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from trees import proofs


def each(title: str, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield each name with the path of a folder that is not there yet; say what cannot run here."""
    for name in names:
        if name.startswith(proofs.EIGHT) and sys.version_info[:2] != (3, 11):
            print(f"{title}, {name}: the wheels are for Python 3.11, and another one runs this")
            continue
        with tempfile.TemporaryDirectory(dir="build") as scratch:
            yield name, Path(scratch).resolve() / "work"
