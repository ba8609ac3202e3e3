"""``slim inspect``: what is in a tree or a zip, before any slimming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slimmer.build.pipeline import Job
from slimmer.cli.options import deciding, settings_from, target_of
from slimmer.cli.outputs import Format, Formats, output_options
from slimmer.cli.paths import PATH, check_outside, check_places
from slimmer.errors import EXIT_OK
from slimmer.inputs.open import open_source
from slimmer.inventory.inspection import Inspection
from slimmer.inventory.inspection import inspect as inspected
from slimmer.inventory.read import inventory_of
from slimmer.report.inspect.text import render_json, render_text
from slimmer.rules.packs import load_packs

_FORMATS = {"--json": Format(render_json, "Write all of it as JSON too (- for stdout).")}


@click.command(short_help="Say what is in a tree or a zip, before any slimming.")
@click.argument("artifact", type=PATH, metavar="TREE|ZIP")
@deciding
@output_options(_FORMATS)
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def inspect(
    artifact: Path, formats: Formats[Inspection], verbose: bool, **deciding_options: Any
) -> int:
    """Say what TREE or ZIP is made of, by component, folder and kind of file.

    Then the largest files, those that are there twice, those that are not stripped, those
    that Lambda cannot load, and what each tier would drop. Nothing is written.
    """
    check_places(formats.files, {"TREE|ZIP": artifact})
    check_outside(formats.files, artifact)
    settings = settings_from(**deciding_options)
    target, targets = target_of(settings)
    packs = load_packs()
    source = open_source(artifact)
    inventory = inventory_of(artifact, source, packs, digests=False)
    inspection = inspected(Job(source, packs, settings, target, targets=targets), inventory)
    formats.write(inspection)
    formats.show(inspection, render_text(inspection, all_rows=verbose))
    return EXIT_OK
