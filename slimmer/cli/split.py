"""``slim build --split``: one zip is packed, and then parted into layers beside one another."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from slimmer.errors import UsageError
from slimmer.model.forms import ZIP

if TYPE_CHECKING:
    from slimmer.build.report import Report
    from slimmer.cli.outputs import New
    from slimmer.model.artifact import Layer

OPTION = "--split"


def check_split(count: int, form: str, *, dry_run: bool, is_function: bool) -> None:
    """Raise UsageError for options that do not go with a split."""
    if count == 1:
        return
    if form != ZIP:
        raise UsageError(f"{OPTION} parts a zip; remove --form {form}")
    if dry_run:
        raise UsageError(f"--dry-run writes no zip that {OPTION} could part; remove one of them")
    if is_function:
        raise UsageError(f"{OPTION} makes layers, and a function is one zip; remove --as-function")


def layer_files(output: Path, count: int) -> dict[str, Path]:
    """Return the files of the layers, by what a message calls each; none without a split."""
    if count < 2:
        return {}
    stem = output.name.removesuffix(".zip")
    names = (f"{stem}-{number}.zip" for number in range(1, count + 1))
    return {f"{OPTION} {name}": output.with_name(name) for name in names}


def split_up(report: Report, new: Mapping[str, New]) -> tuple[Report, list[New]]:
    """Write the layers of a zip that was packed; return the report of them, and their files."""
    from slimmer.outputs.atomic import NewFile
    from slimmer.outputs.split import write_layers

    whole = new["--output"]
    assert isinstance(whole, NewFile)  # noqa: S101 - check_split refuses all else
    assert report.artifact is not None  # noqa: S101 - what is ready was packed
    whole.sync()
    files = {layer.name: new[f"{OPTION} {layer.name}"] for layer in report.layers}
    sinks = {name: file for name, file in files.items() if isinstance(file, NewFile)}
    with (
        whole.aside.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        made = write_layers(data, report.artifact, report.layers, sinks)
    pairs = zip(report.layers, made, strict=True)
    layers = tuple(layer._replace(artifact=artifact) for layer, artifact in pairs)
    return replace(report, layers=layers), list(files.values())


def left_behind(output: Path, count: int, layers: Iterable[Layer]) -> list[Path]:
    """Return the files of an earlier split that are none of this one's layers."""
    made = {layer.name for layer in layers}
    files = layer_files(output, count).values()
    return [file for file in files if file.name not in made and file.is_file()]
