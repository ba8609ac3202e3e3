"""``slim.shrink.toml``: what ``slim shrink`` writes, people review, and ``slim build`` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable

from slimmer.model.shrunk import Shrunk, ShrunkUnit
from slimmer.toml import Table

FORMAT = 1
_HEAD = (
    "# Written by slim shrink: what no event needed. Review it and commit it; slim build reads it\n"
    '# where slim.toml says shrink = "{name}". Take a row out to keep what it names.\n'
)


def shrink_text(shrunk: Shrunk, notes: Iterable[str], name: str) -> str:
    """Return the file's text, the same for the same rows; ``notes`` are lines about the runs."""
    lines = [_HEAD.format(name=name), *(f"# {note}\n" for note in notes), f"format = {FORMAT}\n"]
    if shrunk.guarded:
        lines.append("guard = true\n")
    for row in sorted(shrunk.units):
        lines.append(
            f"\n[[unit]]\nname = {_quoted(row.unit)}\nbytes = {row.size_bytes}\n"
            f"why = {_quoted(row.why)}\nseen = {_quoted(row.digest)}\n"
        )
        if row.inside:
            lines.append(f"inside = {_quoted(row.inside)}\n")
        going = set(row.paths).difference(row.hollow)
        lines += [_listed("drop", going), _listed("hollow", row.hollow)]
    return "".join(lines)


def parse_shrink(text: str, source: str) -> Shrunk:
    """Return the rows of the file. Raises UsageError, with file and line."""
    table = Table.parse(text, source)
    found = table.whole("format")
    if found != FORMAT:
        table.fail("format", f"format {found} is not known; run slim shrink again")
    rows = tuple(_row(each) for each in table.array_of_tables("unit"))
    guarded = table.flag("guard", default=False)
    table.finish()
    return Shrunk(rows, guarded)


def _row(table: Table) -> ShrunkUnit:
    row = ShrunkUnit(
        unit=table.text("name"),
        digest=table.text("seen"),
        size_bytes=table.whole("bytes"),
        why=table.text("why"),
        paths=tuple(sorted({*_paths(table, "drop"), *_paths(table, "hollow")})),
        hollow=_paths(table, "hollow"),
        place=table.place("name"),
        inside=table.text("inside") if table.has("inside") else "",
    )
    table.finish()
    return row


def _paths(table: Table, key: str) -> tuple[str, ...]:
    return table.texts(key) if table.has(key) else ()


def _listed(key: str, paths: Iterable[str]) -> str:
    lines = "".join(f"  {_quoted(path)},\n" for path in sorted(paths))
    return f"{key} = [\n{lines}]\n" if lines else ""


def _quoted(text: str) -> str:
    """Return a TOML string: JSON's escapes are among TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
