"""``slim diff``: what is different between two zips, trees or reports of builds."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.frame import command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, write_files
from slimmer.errors import EXIT_OK
from slimmer.report.diff import FORMATS


@command("--verbose", formats=FORMATS)
@click.argument("old", type=IN)
@click.argument("new", type=IN)
def diff(old: Path, new: Path, outputs: Outputs, *, verbose: bool) -> int:
    """Say what was added, removed, changed and moved from OLD to NEW, and what it weighs.

    Each is a zip, a folder, or the JSON report of a build. Sizes are to the byte, and zipped
    ones those that unzip -lv shows. Being different is no failure.
    """
    from slimmer.inventory.diff import compare
    from slimmer.inventory.read import read_inventory
    from slimmer.report.diff.text import render_text
    from slimmer.rules.packs import load_packs

    packs = load_packs(rules=False)
    comparison = compare(read_inventory(old, packs), read_inventory(new, packs))
    write_files(outputs.files, outputs.contents(comparison))
    outputs.show(comparison, render_text(comparison, all_rows=verbose))
    return EXIT_OK
