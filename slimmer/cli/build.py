"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from slimmer import pipeline
from slimmer.archive import Discard, NewFile, write_whole
from slimmer.cli.options import FOLDER, deciding, prefix_option, settings_from, size_option
from slimmer.config import Settings
from slimmer.data import load_packs, load_targets
from slimmer.errors import EXIT_OK, EXIT_OVER, UsageError
from slimmer.names import did_you_mean
from slimmer.others import read_other
from slimmer.report import FORMATS, Report
from slimmer.sizes import size_text
from slimmer.source import scan
from slimmer.targets import Target

_STDOUT = Path("-")
_BAR = 40


@click.command(short_help="Slim a tree and write a deterministic zip.")
@click.argument("tree", type=FOLDER)
@click.option(
    "-o",
    "--output",
    type=FOLDER,
    metavar="FILE",
    help="The zip to write.  [default: TREE's name.zip]",
)
@click.option(
    "--max",
    "max_bytes",
    callback=size_option,
    metavar="SIZE",
    help="Fail when the zips together are larger.",
)
@click.option(
    "--with",
    "beside",
    type=FOLDER,
    multiple=True,
    metavar="ZIP",
    help="A zip deployed beside this one (function, other layer), counted too. Repeatable.",
)
@click.option(
    "--prefix", callback=prefix_option, metavar="DIR", help="Put the tree under DIR in the zip."
)
@deciding
@click.option("--no-dedupe", is_flag=True, help="Do not make links of identical files.")
@click.option("--level", type=click.IntRange(1, 12), help="libdeflate's level.  [default: 12]")
@click.option("--target", metavar="NAME", help="The platform whose limits hold.  [default: lambda]")
@click.option(
    "--json",
    "json_file",
    type=FOLDER,
    metavar="FILE",
    help="Write the report as JSON too (- for stdout).",
)
@click.option("--dry-run", is_flag=True, help="Decide, measure and report, but write no zip.")
def build(
    tree: Path,
    output: Path | None,
    max_bytes: int | None,
    beside: tuple[Path, ...],
    prefix: str | None,
    no_dedupe: bool,
    level: int | None,
    target: str | None,
    json_file: Path | None,
    dry_run: bool,
    **deciding_options: Any,
) -> int:
    """Slim TREE and write a deterministic zip that fits AWS Lambda, with a report.

    TREE itself is never changed. Sizes: MB is 1,000,000 bytes, MiB is 1,048,576.
    """
    settings = settings_from(**deciding_options)
    settings = replace(
        settings,
        max_bytes=max_bytes if max_bytes is not None else settings.max_bytes,
        prefix=prefix if prefix is not None else settings.prefix,
        dedupe=settings.dedupe and not no_dedupe,
        level=level or settings.level,
        target=target or settings.target,
    )
    output = output or Path(f"{tree.resolve().name or 'artifact'}.zip")
    _check_outside(tree, output, "--output")
    if json_file and json_file != _STDOUT:
        _check_outside(tree, json_file, "--json")
    report = _run(tree, settings, output, beside, dry_run)
    _print(report, json_file)
    return EXIT_OVER if report.over else EXIT_OK


def _run(
    tree: Path, settings: Settings, output: Path, beside: tuple[Path, ...], dry_run: bool
) -> Report:
    target = _target(settings)
    packs = load_packs()
    others = tuple(read_other(path) for path in beside)
    folder = scan(tree)
    job = pipeline.Job(folder, packs, settings, target, others, output.name)
    with _progress() as progress:
        if dry_run:
            return pipeline.build(job, Discard(), progress)
        with NewFile(output) as destination:
            return pipeline.build(job, destination, progress)


def _target(settings: Settings) -> Target:
    targets = load_targets()
    if settings.target not in targets:
        raise UsageError(
            f"there is no target {settings.target!r}{did_you_mean(settings.target, targets)}"
        )
    return targets[settings.target]


def _check_outside(tree: Path, output: Path, option: str) -> None:
    if output.is_dir():
        raise UsageError(f"{output}: {option} must name a file, not a folder")
    if not output.resolve().parent.is_dir():
        raise UsageError(f"{output}: the folder for {option} does not exist; make it first")
    if output.resolve().is_relative_to(tree.resolve()):
        raise UsageError(
            f"{output}: {option} lies inside the tree, which is never changed; choose another place"
        )


@contextmanager
def _progress() -> Iterator[Callable[[int, int], object]]:
    """Show a bar on a terminal, and only there; it is gone when the work is done."""
    shown = -1

    def show(done_bytes: int, total_bytes: int) -> None:
        nonlocal shown
        share = done_bytes * _BAR // max(total_bytes, 1)
        if share != shown:
            shown = share
            bar = "#" * share + "." * (_BAR - share)
            click.echo(f"\rpacking [{bar}] {size_text(done_bytes)}\x1b[K", nl=False, err=True)

    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    try:
        yield show
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def _print(report: Report, json_file: Path | None) -> None:
    if json_file and json_file != _STDOUT:
        write_whole(json_file, FORMATS["json"](report).encode())
    if json_file == _STDOUT:
        click.echo(FORMATS["json"](report).encode(), nl=False)
    click.echo(FORMATS["text"](report), nl=False, err=json_file == _STDOUT)
