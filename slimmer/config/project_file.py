"""The file in which a project keeps its settings: which one it is, and its table."""

from __future__ import annotations

import os
from pathlib import Path

from slimmer.toml import Table, read_text

_SHARED = "pyproject.toml"


def find_table(folder: Path, named: Path | None) -> Table | None:
    """Return the table in ``named``, else in the file that :func:`find_file` finds.

    Returns None where there is none. Raises UsageError, with file and line, for a file that
    cannot be read.
    """
    path = named or find_file(folder)
    return table_of(read_text(path), path.name) if path is not None else None


def find_file(folder: Path) -> Path | None:
    """Return the nearest file of settings, in a folder or above it in its repository.

    That is slim.toml, or else a pyproject.toml with ``[tool.slim]``; None where there is none.
    Outside of a repository only the folder itself counts: what lies above may be anyone's.
    """
    here = Path(os.path.abspath(folder))  # noqa: PTH100 - as it is written, links and all
    top = _repository(here)
    for place in (here, *here.parents):
        relative = Path(os.path.relpath(place, here)) if place != here else Path()
        for name in ("slim.toml", _SHARED):
            file = folder / relative / name
            if file.is_file() and (name != _SHARED or _has_table(file)):
                return file
        if place == top:
            return None
    return None


def _has_table(file: Path) -> bool:
    """Return whether a pyproject.toml speaks of slim; a broken one does where it may."""
    return "slim" in read_text(file)


def check_program(table: Table, key: str, named: Path | None) -> None:
    """Raise UsageError where a key names a program that whoever changes the project could change.

    That is one by a path in the folder of the file, in the working folder, or in the repository
    around them; PATH is the user's own. ``named`` is the file that the command line names.
    """
    program = table.text(key)
    if os.sep not in program:
        return
    folders = {Path(os.path.abspath((named or Path("x")).parent)), Path.cwd()}  # noqa: PTH100 - links
    roots = {root for folder in folders for root in (folder, _repository(folder))}
    place = os.path.abspath(program)  # noqa: PTH100 - as it is written, links and all
    for path in (Path(place), Path(os.path.realpath(place))):
        if not roots.isdisjoint(path.parents):
            table.fail(
                key,
                f"{key} names a program inside the project, which may be anyone's; "
                f"name it with --{key} on the command line",
            )


def _repository(folder: Path) -> Path:
    """Return the repository that a folder is in; the folder itself where it is in none."""
    return next((f for f in (folder, *folder.parents) if (f / ".git").exists()), folder)


def table_of(text: str, source: str) -> Table | None:
    """Return the table of slim.toml's text, or ``[tool.slim]`` of pyproject.toml's."""
    table = Table.parse(text, source)
    if not source.endswith(_SHARED):
        return table
    tool = table.table("tool")
    return tool.table("slim") if tool is not None and tool.has("slim") else None
