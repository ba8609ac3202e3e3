"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from slimmer import pipeline
from slimmer.archive import Discard, NewFile
from slimmer.bytecode import COMPILE, abi_tags
from slimmer.cli.options import (
    deciding,
    folder_option,
    one_of,
    prefix_option,
    settings_from,
    size_option,
    target_of,
)
from slimmer.cli.outputs import Face, Faces, say, writes
from slimmer.cli.places import PATH, as_utf8, check_outside, check_places, place_of
from slimmer.cli.running import How, Trial, prove, running
from slimmer.cli.terminal import look_of, progress
from slimmer.compiler import Interpreter
from slimmer.config import Settings
from slimmer.data import load_packs, load_secret_rules
from slimmer.errors import EXIT_OK, EXIT_OVER, EXIT_VERIFY, UsageError
from slimmer.model import Tree
from slimmer.names import printable
from slimmer.others import read_base, read_other
from slimmer.report.faces import FORMATS
from slimmer.report.lines import Look
from slimmer.report.summary import Report
from slimmer.report.text import render_text
from slimmer.source import scan
from slimmer.transforms import BEAM_MODES, TRANSFORMS
from slimmer.verify.model import Proof
from slimmer.verify.report import render_faults
from slimmer.verify.report import render_text as render_proof

_FACES = {
    "--json": Face(FORMATS["json"], "Write the report as JSON too (- for stdout)."),
    "--markdown": Face(
        FORMATS["markdown"],
        "Write the report as Markdown too (- for stdout), for a pull-request comment or GitHub's "
        "step summary.",
    ),
    "--html": Face(
        FORMATS["html"], "Write the report as one HTML page too, with a map of every byte."
    ),
}


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
    "--allow-secret",
    multiple=True,
    metavar="PATTERN",
    help="Let files that hold secrets ship if the pattern matches them; without it they fail the "
    "build. Repeatable.",
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
@writes(_FACES)
@click.option(
    "--measure-dropped",
    is_flag=True,
    help="Also compress what is dropped, linked or was transformed, as it is in the tree, to tell "
    "what it would take in the zip. Costs the time to pack all of the tree.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only errors, failures and warnings.")
@click.option("-v", "--verbose", is_flag=True, help="Print every row and every finding.")
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
    faces: Faces[Report],
    measure_dropped: bool,
    quiet: bool,
    verbose: bool,
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
        _compiling(settings, python, unpacked_at),
        max_bytes=max_bytes if max_bytes is not None else settings.max_bytes,
        prefix=prefix if prefix is not None else settings.prefix,
        beams=beams or settings.beams,
        dedupe=settings.dedupe and not no_dedupe,
        level=level or settings.level,
    )
    name = tree.name if tree.name not in ("", "..") else place_of(tree).name
    output = output or Path(f"{name or 'artifact'}.zip")
    files = {"--output": output, **faces.files}
    look = look_of(quiet=quiet, verbose=verbose, to_stderr=bool(faces.stdout))
    check_places(files, {})
    check_outside(files, tree)
    if events and dry_run:
        raise UsageError("--dry-run writes no zip that --verify could run; leave one of them")
    below, place = (*bases, *beside), (settings.target, settings.prefix)
    trial = Trial(how, events, below, function, as_function, *place)
    counted = (*beside, function) if function else beside
    job = replace(_job(tree, settings, output, counted, bases), measure_dropped=measure_dropped)
    trial.check()
    report, proof = _run(job, files, faces, trial, dry_run=dry_run, quiet=quiet)
    _show(report, proof, faces, look)
    if report.over:
        return EXIT_OVER
    return EXIT_VERIFY if report.verified is False else EXIT_OK


def _compiling(settings: Settings, python: str | None, unpacked_at: str | None) -> Settings:
    """Return the settings with what the options say of compiled bytecode."""
    if python and settings.pyc != COMPILE:
        raise UsageError(f"--python is only used with --pyc {COMPILE}; add that")
    python, unpacked_at = python or settings.python, unpacked_at or settings.unpacked_at
    return replace(settings, python=python, unpacked_at=unpacked_at)


def _show(report: Report, proof: Proof | None, faces: Faces[Report], look: Look) -> None:
    """Print the report, and after it what was proven."""
    faces.show(report, render_text(report, look))
    if proof is not None:
        text = render_faults(proof) if look.quiet else "\n" + render_proof(proof)
        say(text, err=bool(faces.stdout))


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
        secret_rules=load_secret_rules(),
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
    faces: Faces[Report],
    trial: Trial,
    *,
    dry_run: bool,
    quiet: bool,
) -> tuple[Report, Proof | None]:
    """Build and check; put zip and reports in their places once all are whole on the disk."""
    proof = None
    with contextlib.ExitStack() as stack:
        new = {n: stack.enter_context(NewFile(place_of(p), n)) for n, p in files.items()}
        with progress(quiet=quiet) as show:
            report = pipeline.build(job, Discard() if dry_run else new["--output"], show)
        ready = [] if report.over or dry_run else [new["--output"]]
        if ready and trial.events:
            ready[0].sync()
            proof = prove(trial.job(ready[0].aside))
            ready = ready if proof.passed else []
        report = replace(report, written=bool(ready), verified=proof.passed if proof else None)
        for option in faces.files:
            new[option].write(faces.rendered(option, report))
            ready.append(new[option])
        for file in ready:
            file.sync()
        for file in ready:
            file.commit()
    return report, proof
