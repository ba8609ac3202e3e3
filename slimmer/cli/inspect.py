"""``slim inspect``: what is in a tree or a zip, before any slimming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slimmer.archive import NewFile
from slimmer.cli.options import PATH, deciding, settings_from, target_of
from slimmer.data import load_packs
from slimmer.errors import EXIT_OK
from slimmer.inspection import inspect as inspected
from slimmer.inventory import Inventory, inventory_of_tree, inventory_of_zip
from slimmer.packs import Pack
from slimmer.pipeline import Job, Source
from slimmer.report.inspection import render_json, render_text
from slimmer.source import scan
from slimmer.zipped import ZippedTree

_STDOUT = Path("-")


@click.command(short_help="Say what is in a tree or a zip, before any slimming.")
@click.argument("artifact", type=PATH, metavar="TREE|ZIP")
@deciding
@click.option(
    "--json",
    "json_file",
    type=PATH,
    metavar="FILE",
    help="Write all of it as JSON too (- for stdout).",
)
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def inspect(artifact: Path, json_file: Path | None, verbose: bool, **deciding_options: Any) -> int:
    """Say what TREE or ZIP is made of, by component, folder and kind of file.

    Then the largest files, those that are there twice, those that are not stripped, those
    that Lambda cannot load, and what each tier would drop. Nothing is written.
    """
    settings = settings_from(**deciding_options)
    target, targets = target_of(settings)
    packs = load_packs()
    source, inventory = _read(artifact, packs)
    inspection = inspected(Job(source, packs, settings, target, targets=targets), inventory)
    if json_file == _STDOUT:
        click.echo(render_json(inspection).encode(), nl=False)
    elif json_file is not None:
        with NewFile(json_file, "--json") as file:
            file.write(render_json(inspection).encode())
            file.commit()
    click.echo(render_text(inspection, all_rows=verbose), nl=False, err=json_file == _STDOUT)
    return EXIT_OK


def _read(artifact: Path, packs: tuple[Pack, ...]) -> tuple[Source, Inventory]:
    name = artifact.name or str(artifact)
    if artifact.is_dir():
        folder = scan(artifact)
        return folder, inventory_of_tree(name, folder.tree, packs)
    zipped = ZippedTree(artifact)
    return zipped, inventory_of_zip(name, zipped.zip_bytes, zipped.archive, packs)
