"""``slim inspect``: what is in a tree or a zip, before any slimming."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, write_files
from slimmer.config.option import QUESTION
from slimmer.errors import EXIT_OK
from slimmer.report.inspect import FORMATS


@command(
    QUESTION,
    "--verbose",
    formats=FORMATS,
)
@click.argument("artifact", type=IN, metavar="TREE|ZIP")
def inspect(artifact: Path, asked: Asked, outputs: Outputs, *, verbose: bool) -> int:
    """Say what TREE or ZIP is made of, by component, folder, owner and kind.

    Then the largest files, those that are there twice, those that are not stripped, those
    that Lambda cannot load, and what each tier would drop. Nothing is written.
    """
    from slimmer.inputs.open import open_source
    from slimmer.inventory.inspection import inspect as inspected
    from slimmer.inventory.read import inventory_of
    from slimmer.report.inspect.text import render_text

    source = open_source(artifact, asked.settings.arch)
    question = asked.of(source)
    inventory = inventory_of(artifact, source, question.packs, digests=False)
    inspection = inspected(question, inventory)
    write_files(outputs.files, outputs.contents(inspection))
    outputs.show(inspection, render_text(inspection, all_rows=verbose))
    return EXIT_OK
