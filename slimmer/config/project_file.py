"""The file in which a project keeps its settings: which one it is, and its table."""

from __future__ import annotations

from pathlib import Path

from slimmer.model.rules import Selector
from slimmer.toml import Table, read_text

_SHARED = "pyproject.toml"


def find_table(folder: Path, named: Path | None) -> Table | None:
    """Return the table in ``named``, else in slim.toml or pyproject.toml in ``folder``.

    Returns None where there is none. Raises UsageError, with file and line, for a file that
    cannot be read.
    """
    if named is not None:
        return table_of(read_text(named), named.name)
    for path in (folder / "slim.toml", folder / _SHARED):
        if path.is_file():
            return table_of(read_text(path), path.name)
    return None


def table_of(text: str, source: str) -> Table | None:
    """Return the table of slim.toml's text, or ``[tool.slim]`` of pyproject.toml's."""
    table = Table.parse(text, source)
    if not source.endswith(_SHARED):
        return table
    tool = table.table("tool")
    return tool.table("slim") if tool is not None and tool.has("slim") else None


def selectors(table: Table, key: str) -> tuple[Selector, ...]:
    """Return the words under a key, each with its place."""
    return tuple(Selector(text, table.place(key)) for text in table.texts(key))
