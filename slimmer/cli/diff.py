"""``slim diff``: what is different between two zips, trees or reports of builds."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.archive import NewFile
from slimmer.cli.options import PATH
from slimmer.data import load_packs
from slimmer.diff import compare
from slimmer.errors import EXIT_OK
from slimmer.inventories import read_inventory
from slimmer.report.comparison import render_json, render_text

_STDOUT = Path("-")


@click.command(short_help="Say what is different between two artifacts.")
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option(
    "--json",
    "json_file",
    type=PATH,
    metavar="FILE",
    help="Write what is different as JSON too (- for stdout).",
)
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def diff(old: Path, new: Path, json_file: Path | None, verbose: bool) -> int:
    """Say what was added, removed, changed and moved from OLD to NEW, and what it weighs.

    Each is a zip, a folder, or the JSON report of a build. Sizes are to the byte, and zipped
    ones those that unzip -lv shows. Being different is no failure.
    """
    packs = load_packs()
    comparison = compare(read_inventory(old, packs), read_inventory(new, packs))
    if json_file == _STDOUT:
        click.echo(render_json(comparison).encode(), nl=False)
    elif json_file is not None:
        with NewFile(json_file, "--json") as file:
            file.write(render_json(comparison).encode())
            file.commit()
    click.echo(render_text(comparison, all_rows=verbose), nl=False, err=json_file == _STDOUT)
    return EXIT_OK
