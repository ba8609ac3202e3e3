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
    "--requirements",
    "--npm",
    "--as-function",
    "--as-layer",
    "--verbose",
    formats=FORMATS,
    named_by="artifacts",
)
@click.argument("artifacts", type=IN, nargs=-1, metavar="[TREE|ZIP|NAME]...")
def inspect(
    artifacts: tuple[Path, ...],
    asked: Asked,
    outputs: Outputs,
    requirements: Path | None,
    npm: Path | None,
    *,
    as_function: bool,
    as_layer: bool,
    verbose: bool,
) -> int:
    """Say what TREE or ZIP is made of, by component, folder, owner and kind.

    Several are laid over one another in order, as by slim build. NAME is an artifact of slim.toml.

    Then the largest files, those that are there twice, those that are not stripped, those
    that Lambda cannot load, and what each tier would drop. Nothing is written.
    """
    from slimmer.cli.forms import form_for
    from slimmer.cli.role import Role
    from slimmer.cli.trees import open_trees, wanted_of
    from slimmer.inventory.inspection import inspect as inspected
    from slimmer.inventory.read import inventory_of
    from slimmer.report.inspect.text import render_text

    deployed_as = Role(as_function, as_layer).deployed_as(asked.function)
    wanted = wanted_of(requirements, npm)
    source, _ = open_trees(artifacts, wanted, asked.settings, refresh=False, quiet=False)
    question = asked.of(source, form_for(source, "", asked.settings)).deployed_as(deployed_as)
    name = artifacts[0] if len(artifacts) == 1 else Path(" + ".join(map(str, artifacts)))
    inventory = inventory_of(name, source, question.packs, digests=False)
    inspection = inspected(question, inventory)
    write_files(outputs.files, outputs.contents(inspection))
    outputs.show(inspection, render_text(inspection, all_rows=verbose))
    return EXIT_OK
