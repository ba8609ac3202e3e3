"""``slim inspect``: what is in a tree or a zip, before any slimming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from slimmer.cli.options import deciding, settings_from, target_of
from slimmer.cli.outputs import Face, Faces, writes
from slimmer.cli.places import PATH, check_outside, check_places
from slimmer.data import load_packs
from slimmer.decision import Source
from slimmer.errors import EXIT_OK
from slimmer.inspection import Inspection
from slimmer.inspection import inspect as inspected
from slimmer.inventory import Inventory, inventory_of_tree, inventory_of_zip
from slimmer.packs import Pack
from slimmer.pipeline import Job
from slimmer.report.inspection import render_json, render_text
from slimmer.source import scan
from slimmer.zipped import ZippedTree

_FACES = {"--json": Face(render_json, "Write all of it as JSON too (- for stdout).")}


@click.command(short_help="Say what is in a tree or a zip, before any slimming.")
@click.argument("artifact", type=PATH, metavar="TREE|ZIP")
@deciding
@writes(_FACES)
@click.option("-v", "--verbose", is_flag=True, help="Cut no table.")
def inspect(
    artifact: Path, faces: Faces[Inspection], verbose: bool, **deciding_options: Any
) -> int:
    """Say what TREE or ZIP is made of, by component, folder and kind of file.

    Then the largest files, those that are there twice, those that are not stripped, those
    that Lambda cannot load, and what each tier would drop. Nothing is written.
    """
    check_places(faces.files, {"TREE|ZIP": artifact})
    check_outside(faces.files, artifact)
    settings = settings_from(**deciding_options)
    target, targets = target_of(settings)
    packs = load_packs()
    source, inventory = _read(artifact, packs)
    inspection = inspected(Job(source, packs, settings, target, targets=targets), inventory)
    faces.write(inspection)
    faces.show(inspection, render_text(inspection, all_rows=verbose))
    return EXIT_OK


def _read(artifact: Path, packs: tuple[Pack, ...]) -> tuple[Source, Inventory]:
    name = artifact.name or str(artifact)
    if artifact.is_dir():
        folder = scan(artifact)
        return folder, inventory_of_tree(name, folder.tree, packs)
    zipped = ZippedTree(artifact)
    return zipped, inventory_of_zip(name, zipped.zip_bytes, zipped.archive, packs)
