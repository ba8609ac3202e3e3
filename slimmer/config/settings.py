"""Settings: defaults, overridden by slim.toml or ``[tool.slim]``, overridden by options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slimmer.config.artifacts import TABLE as ARTIFACTS
from slimmer.config.artifacts import parse_artifacts
from slimmer.config.budgets import Budget, parse_budgets
from slimmer.config.options import SETTINGS
from slimmer.config.project_file import check_program, find_file, find_table, table_of
from slimmer.config.values import Text, merge_selectors
from slimmer.ecosystems import GUARDS
from slimmer.model.rules import Selector, Tier
from slimmer.rules.packs import PROJECT, Pack, parse_components
from slimmer.toml import Table
from slimmer.transforms import TRANSFORM_NAMES

DEFAULT_LEVEL = 10  # half of level 12's time for 0.1 % more bytes; docs/performance.md


@dataclass(frozen=True)
class Settings:
    """Everything that a project can say once, for all commands. Sizes are whole bytes.

    What each field means stands at its row in :mod:`slimmer.config.options`.
    """

    tier: Tier = Tier.DEFAULT
    keep: tuple[Selector, ...] = ()
    drop: tuple[Selector, ...] = ()
    max_bytes: int | None = None
    prefix: str = ""
    dedupe: str = "on"
    pyc: str = "keep"
    beams: str = "auto"
    python: str = ""
    unpacked_at: str = "/opt"
    #: The guards that are on.
    guards: tuple[str, ...] = GUARDS
    #: The transforms that are on.
    transforms: tuple[str, ...] = TRANSFORM_NAMES
    keep_bytes: tuple[Selector, ...] = ()
    level: int = DEFAULT_LEVEL
    gitignore: bool = False
    target: str = "lambda"
    arch: str = ""
    foreign: str = "drop"
    entry: tuple[str, ...] = ()
    tree_shake: bool = False
    shrink: str = ""
    max_init_cpu_s: float | None = None
    max_init_ratio: float | None = None
    warm: str = ""
    allow_secret: tuple[Selector, ...] = ()
    #: The pack of the components that a project declares for itself.
    project: Pack | None = None
    #: What the project allows parts of what is deployed.
    budgets: tuple[Budget, ...] = ()
    #: The reasons for which warnings are accepted, by their codes.
    accepted: Mapping[str, str] = field(default_factory=dict)


def find_settings(
    folder: Path,
    named: Path | None,
    given: Mapping[str, Any] | None = None,
    artifact: str = "",
) -> Settings:
    """Return the settings of ``named``, else of slim.toml or pyproject.toml in ``folder``.

    ``given`` is what the command line says, by field; it overrides the file, and in the file
    what ``artifact`` says for itself overrides what all share. Without a file the rest are the
    defaults. Raises UsageError, with file and line, for a file that cannot be
    followed.
    """
    table, given = find_table(folder, named), given or {}
    if table is None:
        return Settings(**_together({}, given))
    for each in (table, *table.tables(ARTIFACTS).values()):
        _check_programs(each, given, named)
    written = _written(table)
    file = named or find_file(folder)
    specs = parse_artifacts(table)
    if file is not None and written["budgets"]:
        sharing = [spec for spec in specs.values() if spec.budgets is None]
        zips = tuple(str(file.parent / spec.output) for spec in sharing)
        written["budgets"] = tuple(b._replace(shared_by=zips) for b in written["budgets"])
    if artifact:
        spec = specs[artifact]
        written = _together(written, spec.settings)
        if spec.budgets is not None:
            written["budgets"] = spec.budgets
    if named is None and file is not None and written.get("shrink"):
        written["shrink"] = str(file.parent / written["shrink"])
    return Settings(**_together(written, given))


def _check_programs(table: Table, given: Mapping[str, Any], named: Path | None) -> None:
    for name, option in SETTINGS.items():
        is_program = isinstance(option.value, Text) and option.value.program
        if is_program and table.has(option.key) and name not in given:
            check_program(table, option.key, named)


def parse_settings(text: str, source: str) -> Settings:
    """Return the settings in the text of slim.toml, or in ``[tool.slim]`` of pyproject.toml."""
    table = table_of(text, source)
    return Settings(**_together(_written(table) if table is not None else {}, {}))


def _written(table: Table) -> dict[str, Any]:
    """Return what a file says, by field; every key of it must be known."""
    said = {
        field: option.value.written(table, option.key)
        for field, option in SETTINGS.items()
        if table.has(option.key)
    }
    if project := _project(table):
        said["project"] = project
    said["budgets"] = parse_budgets(table.table("budgets"))
    if table.has("accept"):
        from slimmer.config.accepted import parse_accepted  # noqa: PLC0415 - few projects have it

        said["accepted"] = parse_accepted(table.table("accept"))
    parse_artifacts(table)
    table.finish()
    return said


def _together(written: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what two places say together, by field; ``given`` overrides."""
    both = written.keys() & given.keys()
    said = {**written, **given}
    said |= {field: SETTINGS[field].value.merged(written[field], given[field]) for field in both}
    keeps, drops = merge_selectors(
        (written.get("keep", ()), written.get("drop", ())),
        (given.get("keep", ()), given.get("drop", ())),
    )
    return {**said, "keep": keeps, "drop": drops}


def _project(table: Table) -> Pack | None:
    components = parse_components(PROJECT, table)
    if not components:
        return None
    return Pack(
        name=PROJECT,
        title="This project's own",
        detect=(".",),
        groups=(),
        linkable=(),
        media=(),
        always=(),
        components=components,
        source=table.source,
    )
