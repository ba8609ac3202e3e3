"""Writes the manual's tables of options from the commands' own options; ``make docs`` runs it.

A page marks each table with ``<!-- options: COMMAND -->``, or ``<!-- options: COMMAND GROUP -->``
for the options of one group, and ``<!-- /options -->`` after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from slimmer.cli import cli
from slimmer.config.option import LOOK
from slimmer.config.options import BY_FLAG

DOCS = Path(__file__).parents[1] / "docs"
OTHER = "other"  # the options of no group
REPORT = "report"  # how much is printed, and the formats, which have no row of their own
_TABLE = re.compile(
    r"(<!-- options: (?P<command>\w+)(?: (?P<group>\w+))? -->\n)(.*?)(<!-- /options -->)", re.DOTALL
)
_OPTION = re.compile(r"(?<![\w`-])--[a-z][a-z-]*(?: compile| off)?")
_DEFAULT = re.compile(r"  \[default: (.+)\]$")
_CODE = re.compile(r"(?<=Default: )\S+(?=\.$)|(?<=\()-(?= for stdout)")


def options_of(command: str, group: str | None = None) -> Iterator[click.Option]:
    """Yield the options of a command, or those of one group, in the order of its help."""
    found = cli.get_command(click.Context(cli), command)
    assert found is not None, f"there is no command {command}"  # noqa: S101 - a page names it
    for param in found.params:
        if isinstance(param, click.Option) and group in (None, group_of(param)):
            yield param


def group_of(param: click.Option) -> str:
    """Return the group under which the manual lists an option."""
    flags = (param.opts[-1], f"--{param.name}")  # --no-dedupe stands with --dedupe
    row = next(filter(None, map(BY_FLAG.get, flags)), None)
    if row is None or row.group == LOOK:
        return REPORT
    return row.group or OTHER


def tables_of(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield command and group of each table that a page marks."""
    for found in _TABLE.finditer(text):
        yield found["command"], found["group"]


def with_tables(text: str) -> str:
    """Return a page with each of its tables as the commands are now."""
    return _TABLE.sub(lambda m: f"{m[1]}\n{_table(m['command'], m['group'])}\n{m[5]}", text)


def pages() -> list[Path]:
    """Return the pages that have such tables."""
    return [page for page in sorted(DOCS.glob("*.md")) if _TABLE.search(page.read_text("utf-8"))]


def _table(command: str, group: str | None) -> str:
    rows = [f"| {_names(param)} | {_help(param)} |\n" for param in options_of(command, group)]
    return "".join(["| option | meaning |\n|---|---|\n", *rows])


def _names(param: click.Option) -> str:
    short, long = param.opts[:-1], param.opts[-1]
    usage = long if param.is_flag else f"{long} {param.metavar}"
    return ", ".join(f"`{name}`" for name in (usage, *short)).replace("|", r"\|")


def _help(param: click.Option) -> str:
    text = _DEFAULT.sub(r" Default: \1.", param.help or "")
    return _CODE.sub(r"`\g<0>`", _OPTION.sub(r"`\g<0>`", text)).replace("|", r"\|")


def main() -> None:
    """Write the tables of every page that has some."""
    for page in pages():
        page.write_text(with_tables(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
