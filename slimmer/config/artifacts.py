"""The artifacts of a project: the ``[artifact.NAME]`` tables of slim.toml, as values.

What a key may hold stands in KEYS, of which the reader and the schema for editors are made. Beside
these keys a table takes every setting; there it holds for that artifact alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from slimmer.config.budgets import Budget, parse_budgets
from slimmer.config.option import RUN, Option
from slimmer.config.options import SETTINGS, options_of
from slimmer.config.path_values import PathOf
from slimmer.config.values import Seconds, Switch, Whole
from slimmer.errors import UsageError
from slimmer.model.forms import DeployedAs
from slimmer.text import did_you_mean
from slimmer.toml import Table

TABLE = "artifact"
KINDS = tuple(DeployedAs)
REPORTS = ("json", "markdown", "html")
_ONLY_GIVEN = ("--interpreter", "--client", "--sandbox", "--image")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Key(NamedTuple):
    """A key of an artifact's table."""

    #: How its value is written: text, texts (one or an array), size, kind; reports, budgets and
    #: verify are tables.
    form: str
    help: str


KEYS: Mapping[str, Key] = {
    "tree": Key("texts", "The folders that are slimmed, relative to this file; a later one wins."),
    "output": Key("text", "The zip to write, relative to this file. Default: NAME.zip."),
    "kind": Key("kind", "Whether it is a function or a layer."),
    "with": Key("texts", "Zips of the same deployment, or names of other artifacts."),
    "base": Key("texts", "Layers below it: zips, or names of other artifacts."),
    "function": Key("text", "The function that goes with a layer: a zip, or another artifact."),
    "requirements": Key("text", "The file of Python's requirements to install below the trees."),
    "npm": Key("text", "The package-lock.json to install below the trees."),
    "jlink": Key("texts", "The modules of the Java runtime that jlink makes for it."),
    "max-unzipped": Key("size", "The most that the zips together may unpack to, for slim check."),
    "baseline": Key("text", "The recorded sizes that slim check compares with."),
    "max-growth": Key("text", "By how much the zips may grow since the baseline."),
    "reports": Key("reports", "The reports that slim build writes beside the zip, by format."),
    "budgets": Key("budgets", "What slim check allows parts of it, instead of the shared ones."),
    "verify": Key("verify", "How slim verify runs it: events, and the options of slim verify."),
}
EVENTS = "events"


@dataclass(frozen=True)
class ArtifactSpec:
    """One artifact, as the project's file describes it; paths are relative to that file."""

    name: str
    #: The file and line that describe it.
    place: str
    #: What each key holds that is text, or several.
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The report of each format.
    reports: Mapping[str, str] = field(default_factory=dict)
    #: The options of slim verify, each with its values; None where it is not verified.
    verify: tuple[tuple[Option | None, tuple[str, ...]], ...] | None = None
    #: The settings of its own, by field.
    settings: Mapping[str, Any] = field(default_factory=dict)
    budgets: tuple[Budget, ...] | None = None

    def one(self, key: str, default: str = "") -> str:
        """Return what a key holds that is one text."""
        return next(iter(self.words.get(key, ())), default)

    @property
    def output(self) -> str:
        """The zip that is written."""
        return self.one("output", f"{self.name}.zip")

    @property
    def run_words(self) -> list[str]:
        """What ``verify`` says of how the function runs, whatever its events and answers are."""
        runs = {row.flag for row in options_of(RUN)} - {"--expect-exact", "--ignore"}
        return [
            word
            for row, values in self.verify or ()
            if row is not None and row.flag in runs and not is_path(row)
            for value in values
            for word in (row.flag, value)
        ]

    @property
    def written(self) -> tuple[str, ...]:
        """The files that slim build writes: the zip and the reports."""
        return self.output, *self.reports.values()


def parse_artifacts(table: Table) -> dict[str, ArtifactSpec]:
    """Return what ``[artifact.NAME]`` says, by name. Raises UsageError, with file and line."""
    found = {name: _artifact(name, each) for name, each in table.tables(TABLE).items()}
    written: dict[str, str] = {}
    for name, spec in found.items():
        for path in spec.written:
            other = written.setdefault(path, name)
            if other != name:
                raise UsageError(
                    f"{spec.place}: {name} and {other} both write {path}; name another"
                )
    return found


def _artifact(name: str, table: Table) -> ArtifactSpec:
    if not _NAME.fullmatch(name):
        table.fail(None, f"artifact {name!r} must be letters, digits, '.', '-' and '_'")
    settings = {
        field: option.value.written(table, option.key)
        for field, option in SETTINGS.items()
        if table.has(option.key)
    }
    words = {key: _words(table, key) for key, row in KEYS.items() if _is_text(row, table, key)}
    reports, verify = table.table("reports"), table.table("verify")
    budgets = table.table("budgets")
    spec = ArtifactSpec(
        name=name,
        place=table.place(),
        words=words,
        reports=_reports(reports) if reports is not None else {},
        verify=_verify(verify) if verify is not None else None,
        settings=settings,
        budgets=parse_budgets(budgets) if budgets is not None else None,
    )
    table.finish()
    if "tree" not in words:
        table.fail(None, f'artifact {name!r} has no tree; give it a tree = "src"')
    return spec


def _is_text(row: Key, table: Table, key: str) -> bool:
    return row.form in ("text", "texts", "kind", "size") and table.has(key)


def _words(table: Table, key: str) -> tuple[str, ...]:
    form = KEYS[key].form
    if form == "kind":
        return (table.choice(key, KINDS),)
    if form == "size":
        table.size(key)  # only to find out whether it is one
    if form != "texts":
        return (table.text(key),)
    words = table.one_or_many(key)
    if not words:
        table.fail(key, f"{key} names nothing; name something, or remove it")
    return words


def _reports(table: Table) -> dict[str, str]:
    found = {name: table.text(name) for name in REPORTS if table.has(name)}
    table.finish()
    return found


def run_options() -> dict[str, Option]:
    """Return the options of slim verify that ``verify`` takes, by key.

    What else runs, and with whose rights, is for the command line: a file may be anyone's.
    """
    rows = options_of(RUN, "--starts", "--max-init-cpu")
    return {row.flag.removeprefix("--"): row for row in rows if row.flag not in _ONLY_GIVEN}


def _verify(table: Table) -> tuple[tuple[Option | None, tuple[str, ...]], ...]:
    events = table.one_or_many(EVENTS)
    if not events:
        table.fail(None, f'verify has no events; give it {EVENTS} = ["event.json"]')
    found: list[tuple[Option | None, tuple[str, ...]]] = [(None, events)]
    for key, row in run_options().items():
        if table.has(key):
            found.append((row, _given(table, key, row)))
    table.finish()
    return tuple(found)


def _given(table: Table, key: str, row: Option) -> tuple[str, ...]:
    """Return what would stand behind an option on the command line."""
    if isinstance(row.value, Switch):
        return ("",) if table.flag(key, default=False) else ()
    if isinstance(row.value, (Whole, Seconds)):
        return (str(table.whole(key)),)
    return table.one_or_many(key) if row.value.multiple else (table.text(key),)


def is_path(row: Option | None) -> bool:
    """Return whether an option of ``verify`` names files, as events do."""
    return row is None or isinstance(row.value, PathOf)


def in_order(specs: Mapping[str, ArtifactSpec], names: tuple[str, ...]) -> tuple[ArtifactSpec, ...]:
    """Return the named artifacts, those first that others of them are built with.

    Raises UsageError for a name that there is not, and where they go in a circle.
    """
    for name in names:
        if name not in specs:
            raise UsageError(f"there is no artifact {name!r}{did_you_mean(name, specs)}")
    done: dict[str, ArtifactSpec] = {}

    def visit(name: str, on_the_way: tuple[str, ...]) -> None:
        if name in on_the_way:
            way = " needs ".join((*on_the_way[on_the_way.index(name) :], name))
            raise UsageError(f"{specs[name].place}: {way}; remove one of these names")
        for other in needs(specs[name]):
            if other in specs:
                visit(other, (*on_the_way, name))
        if name in names:
            done.setdefault(name, specs[name])

    for name in names:
        visit(name, ())
    return tuple(done.values())


def needs(spec: ArtifactSpec) -> tuple[str, ...]:
    """Return the zips and artifacts that one is built with."""
    return tuple(word for key in ("with", "base", "function") for word in spec.words.get(key, ()))
