"""``slim diff``: what is different between two zips, trees or reports of builds."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.outputs import Format, Formats, output_options
from slimmer.cli.paths import PATH, check_outside, check_places
from slimmer.errors import EXIT_OK
from slimmer.inventory.diff import Comparison, compare
from slimmer.inventory.read import read_inventory
from slimmer.report.diff.markdown import render_markdown
from slimmer.report.diff.text import render_json, render_text
from slimmer.rules.packs import load_packs

_FORMATS = {
    "--json": Format(render_json, "Write what is different as JSON too (- for stdout)."),
    "--markdown": Format(
        render_markdown,
        "Write what is different as Markdown too (- for stdout), for a pull-request comment.",
    ),
}


@click.command(short_help="Say what is different between two artifacts.")
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@output_options(_FORMATS)
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def diff(old: Path, new: Path, formats: Formats[Comparison], verbose: bool) -> int:
    """Say what was added, removed, changed and moved from OLD to NEW, and what it weighs.

    Each is a zip, a folder, or the JSON report of a build. Sizes are to the byte, and zipped
    ones those that unzip -lv shows. Being different is no failure.
    """
    check_places(formats.files, {"OLD": old, "NEW": new})
    for tree in (old, new):
        check_outside(formats.files, tree)
    packs = load_packs(rules=False)
    comparison = compare(read_inventory(old, packs), read_inventory(new, packs))
    formats.write(comparison)
    formats.show(comparison, render_text(comparison, all_rows=verbose))
    return EXIT_OK
