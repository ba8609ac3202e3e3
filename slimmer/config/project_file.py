"""The file in which a project keeps its settings: which one it is, and its table."""

from __future__ import annotations

from pathlib import Path

from slimmer.toml import Table, read_text

_SHARED = "pyproject.toml"


def find_table(folder: Path, named: Path | None) -> Table | None:
    """Return the table in ``named``, else in slim.toml or pyproject.toml in ``folder``.

    Returns None where there is none. Raises UsageError, with file and line, for a file that
    cannot be read.
    """
    path = named or find_file(folder)
    return table_of(read_text(path), path.name) if path is not None else None


def find_file(folder: Path) -> Path | None:
    """Return slim.toml or pyproject.toml in a folder; None where neither is there."""
    return next((p for p in (folder / "slim.toml", folder / _SHARED) if p.is_file()), None)


def table_of(text: str, source: str) -> Table | None:
    """Return the table of slim.toml's text, or ``[tool.slim]`` of pyproject.toml's."""
    table = Table.parse(text, source)
    if not source.endswith(_SHARED):
        return table
    tool = table.table("tool")
    return tool.table("slim") if tool is not None and tool.has("slim") else None
