"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from slimmer import pipeline
from slimmer.archive import Discard, NewFile
from slimmer.bytecode import COMPILE, abi_tags
from slimmer.cli.options import (
    PATH,
    as_utf8,
    deciding,
    folder_option,
    one_of,
    prefix_option,
    settings_from,
    size_option,
    target_of,
)
from slimmer.cli.running import How, Trial, prove, running
from slimmer.compiler import Interpreter
from slimmer.config import Settings
from slimmer.data import load_packs
from slimmer.errors import EXIT_OK, EXIT_OVER, EXIT_VERIFY, UsageError
from slimmer.model import Tree
from slimmer.names import printable
from slimmer.others import read_base, read_other
from slimmer.report import FORMATS, Report
from slimmer.sizes import size_text
from slimmer.source import scan
from slimmer.transforms import BEAM_MODES, TRANSFORMS
from slimmer.verify.model import Proof
from slimmer.verify.report import render_text

_STDOUT = Path("-")
_BAR = 40


@click.command(short_help="Slim a tree and write a deterministic zip.")
@click.argument("tree", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
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
    type=PATH,
    multiple=True,
    metavar="ZIP",
    help="A zip deployed beside this one (function, other layer), counted too. Repeatable.",
)
@click.option(
    "--base",
    "bases",
    type=PATH,
    multiple=True,
    metavar="ZIP",
    help="A layer below this one, counted too: what it places already, byte for byte, is not "
    "shipped again. Repeatable.",
)
@click.option(
    "--prefix", callback=prefix_option, metavar="DIR", help="Put the tree under DIR in the zip."
)
@deciding
@click.option(
    "--no-transform",
    multiple=True,
    callback=one_of("transform", list(TRANSFORMS)),
    metavar="|".join(TRANSFORMS),
    help="Do not use this transform. Repeatable.",
)
@click.option(
    "--keep-bytes",
    multiple=True,
    metavar="PATTERN",
    help="Ship what the pattern matches byte for byte as it is. Repeatable.",
)
@click.option(
    "--beams",
    callback=one_of("mode", list(BEAM_MODES)),
    metavar="|".join(BEAM_MODES),
    help="Erlang's modules in the zip. auto: plain, which makes the smaller zip, or gzipped "
    "where only that fits unzipped.  [default: auto]",
)
@click.option(
    "--python",
    metavar="EXE",
    help="The Python that compiles bytecode, of the target's version; for --pyc compile.",
)
@click.option(
    "--unpacked-at",
    callback=folder_option,
    metavar="DIR",
    help="Where the zip's files will lie; compiled bytecode names it in tracebacks.  "
    "[default: /opt]",
)
@click.option("--no-dedupe", is_flag=True, help="Do not make links of identical files.")
@click.option("--level", type=click.IntRange(1, 12), help="libdeflate's level.  [default: 12]")
@click.option(
    "--json",
    "json_file",
    type=PATH,
    metavar="FILE",
    help="Write the report as JSON too (- for stdout).",
)
@click.option("--dry-run", is_flag=True, help="Decide, measure and report, but write no zip.")
@click.option(
    "--verify",
    "events",
    type=PATH,
    multiple=True,
    metavar="EVENT",
    help="Run the zip with this JSON file, as slim verify does, and put it in place only if that "
    "passes. Its options, below, say how. Repeatable.",
)
@click.option(
    "--function",
    type=PATH,
    metavar="ZIP",
    help="The function that --verify runs with this layer; counted as --with is.",
)
@click.option("--as-function", is_flag=True, help="To --verify, this zip is the function itself.")
@running
def build(
    tree: Path,
    output: Path | None,
    max_bytes: int | None,
    beside: tuple[Path, ...],
    bases: tuple[Path, ...],
    prefix: str | None,
    beams: str | None,
    no_dedupe: bool,
    level: int | None,
    json_file: Path | None,
    dry_run: bool,
    python: str | None,
    unpacked_at: str | None,
    events: tuple[Path, ...],
    function: Path | None,
    as_function: bool,
    how: How,
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
        beams=beams or settings.beams,
        dedupe=settings.dedupe and not no_dedupe,
        level=level or settings.level,
        python=python or settings.python,
        unpacked_at=unpacked_at or settings.unpacked_at,
    )
    if python and settings.pyc != COMPILE:
        raise UsageError(f"--python is only used with --pyc {COMPILE}; add that")
    name = tree.name if tree.name not in ("", "..") else _place(tree).name
    output = output or Path(f"{name or 'artifact'}.zip")
    files = {"--output": output}
    if json_file and json_file != _STDOUT:
        files["--json"] = json_file
    _check_places(tree, files)
    if events and dry_run:
        raise UsageError("--dry-run writes no zip that --verify could run; leave one of them")
    below, place = (*bases, *beside), (settings.target, settings.prefix)
    trial = Trial(how, events, below, function, as_function, *place)
    counted = (*beside, function) if function else beside
    job = _job(tree, settings, output, counted, bases)
    trial.check()
    report, proof = _run(job, files, trial, dry_run=dry_run)
    _show(report, proof, to_stderr=json_file == _STDOUT)
    if report.over:
        return EXIT_OVER
    return EXIT_VERIFY if report.verified is False else EXIT_OK


def _show(report: Report, proof: Proof | None, *, to_stderr: bool) -> None:
    """Print the report; to standard error where its JSON takes standard output."""
    if to_stderr:
        click.echo(FORMATS["json"](report).encode(), nl=False)
    click.echo(FORMATS["text"](report), nl=False, err=to_stderr)
    if proof is not None:
        click.echo("\n" + render_text(proof), nl=False, err=to_stderr)


def _job(
    tree: Path,
    settings: Settings,
    output: Path,
    beside: tuple[Path, ...],
    bases: tuple[Path, ...],
) -> pipeline.Job:
    paths = (*beside, *bases)
    target, targets = target_of(settings)
    zips = tuple(read_base(path) for path in paths)
    folder = scan(tree)
    return pipeline.Job(
        source=folder,
        packs=load_packs(),
        settings=settings,
        target=target,
        others=tuple(read_other(path) for path in paths),
        name=as_utf8(output.name),
        bases=zips[len(beside) :],
        compiler=_compiler(settings, folder.tree) if settings.pyc == COMPILE else None,
        beside=zips,
        targets=targets,
    )


def _compiler(settings: Settings, tree: Tree) -> Interpreter:
    """Return the interpreter that was named, if the tree's extension modules are for it."""
    tags = abi_tags(tree)
    wanted = " or ".join(sorted(f"python3.{tag.removeprefix('cpython-3')}" for tag in tags))
    if not settings.python:
        raise UsageError(
            f"--pyc {COMPILE} needs an interpreter of the target's version; "
            f"name it with --python {wanted or 'EXE'}"
        )
    interpreter = Interpreter(settings.python)
    if tags and interpreter.tag not in tags:
        raise UsageError(
            f"--python {printable(settings.python)}: it is {interpreter.title}, and the tree's "
            f"extension modules are for {wanted}; name that one"
        )
    return interpreter


def _run(
    job: pipeline.Job,
    files: dict[str, Path],
    trial: Trial,
    *,
    dry_run: bool,
) -> tuple[Report, Proof | None]:
    """Build and check; put zip and JSON report in their places once both are whole on the disk."""
    proof = None
    with contextlib.ExitStack() as stack:
        new = {n: stack.enter_context(NewFile(_place(p), n)) for n, p in files.items()}
        with _progress() as progress:
            report = pipeline.build(job, Discard() if dry_run else new["--output"], progress)
        ready = [] if report.over or dry_run else [new["--output"]]
        if ready and trial.events:
            ready[0].sync()
            proof = prove(trial.job(ready[0].aside))
            ready = ready if proof.passed else []
        report = replace(report, written=bool(ready), verified=proof.passed if proof else None)
        if "--json" in new:
            new["--json"].write(FORMATS["json"](report).encode())
            ready.append(new["--json"])
        for file in ready:
            file.sync()
        for file in ready:
            file.commit()
    return report, proof


def _check_places(tree: Path, files: dict[str, Path]) -> None:
    """Raise UsageError for a file that could not be written, or not where it is to go."""
    root = _place(tree)
    places: dict[Path, str] = {}
    for option, path in files.items():
        name, place = printable(str(path)), _place(path)
        try:
            is_folder, has_folder = place.is_dir(), place.parent.is_dir()
            is_special = place.exists() and not is_folder and not place.is_file()
        except OSError as error:
            raise UsageError(f"{name}: no place for {option} ({error.strerror})") from None
        if is_folder:
            raise UsageError(f"{name}: {option} must name a file, not a folder")
        if is_special:
            raise UsageError(f"{name}: {option} must name a file, not a device or a pipe")
        if not has_folder:
            raise UsageError(f"{name}: the folder for {option} does not exist; make it first")
        if place.is_relative_to(root):
            raise UsageError(
                f"{name}: {option} lies inside the tree, which is never changed; choose another"
            )
        if place in places:
            raise UsageError(f"{name}: {places[place]} and {option} name the same file")
        places[place] = option


def _place(path: Path) -> Path:
    """Return where a path leads; unlike a Path's own, this never fails on a circle of links."""
    return Path(os.path.realpath(path))


@contextlib.contextmanager
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

    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    try:
        yield show
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)
