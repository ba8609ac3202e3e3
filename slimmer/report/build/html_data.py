"""The rows of a report as the columns that its HTML page reads; see ``page/model.js``."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable
from itertools import count
from typing import Generic, TypeVar

from slimmer.report.build.files import Outcome, Row

_NOT_KNOWN = -1
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}

T = TypeVar("T", bound=Hashable)


def columns_json(rows: Iterable[Row], *, packed: bool, unmeasured: str) -> str:
    """Return the rows as JSON that can stand inside any HTML element, in ASCII alone.

    ``packed``: there is a zip, so zipped bytes are known of what ships; ``unmeasured`` is what
    to say where they are not known of the rest.
    """
    rows = list(rows)
    folders: _Numbers[str] = _Numbers([""])
    components: _Numbers[str] = _Numbers()
    reasons: _Numbers[tuple[str, ...]] = _Numbers()
    outcomes = {outcome: number for number, outcome in enumerate(Outcome)}
    document = {
        "packed": packed,
        "measured": all(row.zipped_bytes is not None for row in rows),
        "unmeasured": unmeasured,
        "files": {
            "folder": [_folder(row.path, folders) for row in rows],
            "name": [_split(row.path)[1] for row in rows],
            "verdict": [outcomes[row.outcome] for row in rows],
            "before": [row.before_bytes for row in rows],
            "unzipped": [row.unzipped_bytes for row in rows],
            "zipped": [_known(row.zipped_bytes) for row in rows],
            "compressed": [_known(row.compressed_bytes) for row in rows],
            "component": [components(row.component) for row in rows],
            "reason": [reasons(tuple(row.reason)) for row in rows],
        },
        "notes": {number: row.note for number, row in enumerate(rows) if row.note},
        "folders": {
            "parent": [folders(_split(path)[0]) for path in folders.known],
            "name": [_split(path)[1] for path in folders.known],
        },
        "components": list(components.known),
        "reasons": list(reasons.known),
    }
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    for character, escape in _UNSAFE.items():  # JSON has them only in strings
        text = text.replace(character, escape)
    return text


def _known(size_bytes: int | None) -> int:
    return _NOT_KNOWN if size_bytes is None else size_bytes


class _Numbers(Generic[T]):
    """Gives each value a number, in the order in which they are first asked for."""

    def __init__(self, known: Iterable[T] = ()):
        self._next = count()
        self.known: dict[T, int] = {value: next(self._next) for value in known}

    def __call__(self, value: T) -> int:
        if value not in self.known:
            self.known[value] = next(self._next)
        return self.known[value]


def _split(path: str) -> tuple[str, str]:
    """Return the folder that a path lies in and its own name; a folder's ends in ``/``."""
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder, name + path[len(path.rstrip("/")) :]


def _folder(path: str, folders: _Numbers[str]) -> int:
    """Return the number of the folder of a path; those above it have theirs before it."""
    parts = _split(path)[0].split("/")
    for length in range(1, len(parts) + 1):
        folders("/".join(parts[:length]))
    return folders("/".join(parts))
