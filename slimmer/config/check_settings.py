"""What of a project's settings the gate goes by; it loads nothing that only a build needs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from slimmer.config.budgets import Budget, parse_budgets
from slimmer.config.project_file import find_table, selectors
from slimmer.model.rules import Selector

# The keys that a build reads and checks. A test holds them to those that a build knows.
BUILD_KEYS = frozenset(
    {
        "arch",
        "beams",
        "component",
        "dedupe",
        "drop",
        "foreign",
        "keep",
        "keep-bytes",
        "level",
        "no-guard",
        "no-transform",
        "prefix",
        "pyc",
        "python",
        "tier",
        "unpacked-at",
    }
)


class GateSettings(NamedTuple):
    """What the gate is told by a file. Sizes are whole bytes; no target is the default one."""

    max_bytes: int | None = None
    target: str = "lambda"
    budgets: tuple[Budget, ...] = ()
    allow_secret: tuple[Selector, ...] = ()


def find_gate_settings(folder: Path, named: Path | None) -> GateSettings:
    """Return what ``named``, else slim.toml or pyproject.toml in ``folder``, says to the gate.

    Raises UsageError, with file and line, for a file that cannot be followed.
    """
    table = find_table(folder, named)
    if table is None:
        return GateSettings()
    settings = GateSettings(
        max_bytes=table.size("max") if table.has("max") else None,
        target=table.text("target") if table.has("target") else GateSettings().target,
        budgets=parse_budgets(table.table("budgets")),
        allow_secret=selectors(table, "allow-secret"),
    )
    table.leave(BUILD_KEYS)
    table.finish()
    return settings
