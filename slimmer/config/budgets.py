"""Budgets: what the user allows everything together, and parts of it."""

from __future__ import annotations

from typing import NamedTuple

from slimmer.toml import Table


class Budget(NamedTuple):
    """What the user allows a part of what is deployed: components, or paths, by their name."""

    name: str
    #: The file and line that say it.
    place: str
    #: Of compressed data, as ``unzip -lv`` shows it.
    max_bytes: int | None = None
    max_unzipped_bytes: int | None = None
    #: Shown where the budget is passed.
    message: str = ""
    #: The zips of the artifacts that share it, where it is not of one alone.
    shared_by: tuple[str, ...] = ()


class Limits(NamedTuple):
    """The user's caps on everything together, in bytes; None where there is none."""

    max_bytes: int | None = None
    max_unzipped_bytes: int | None = None


def parse_budgets(table: Table | None) -> tuple[Budget, ...]:
    """Return what ``[budgets]`` says. Raises UsageError, with file and line."""
    if table is None:
        return ()
    budgets = tuple(_budget(table, name) for name in table.keys)
    table.finish()
    return budgets


def _budget(table: Table, name: str) -> Budget:
    place = table.place(name)
    if table.is_text(name):
        return Budget(name, place, table.size(name))
    inner = table.table(name)
    if inner is None:
        table.fail(name, f"the budget {name!r} is not there")
    caps = [inner.size(key) if inner.has(key) else None for key in ("max", "max-unzipped")]
    message = inner.text("message") if inner.has("message") else ""
    inner.finish()
    if caps == [None, None]:
        table.fail(name, f'the budget {name!r} has no size; give it a max = "7MB"')
    return Budget(name, place, caps[0], caps[1], message)
