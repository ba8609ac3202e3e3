"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from slimmer.build import pipeline
from slimmer.build.report import Report
from slimmer.cli.options import (
    deciding,
    folder_option,
    one_of,
    prefix_option,
    settings_from,
    size_option,
    target_of,
)
from slimmer.cli.outputs import Format, Formats, emit, output_options
from slimmer.cli.paths import PATH, as_utf8, check_outside, check_places, real_path
from slimmer.cli.terminal import output_style, progress
from slimmer.cli.verify_options import PostBuildVerify, VerifyOptions, prove, running
from slimmer.config.settings import Settings
from slimmer.ecosystems.python.bytecode import COMPILE, abi_tags
from slimmer.ecosystems.python.compiler import Interpreter
from slimmer.errors import EXIT_OK, EXIT_OVER, EXIT_VERIFY, UsageError
from slimmer.inputs.folder import scan
from slimmer.inputs.zip_tree import open_zip
from slimmer.model.tree import Tree
from slimmer.outputs.atomic import Discard, NewFile
from slimmer.report.build import FORMATS
from slimmer.report.build.text import render_text
from slimmer.report.terminal import OutputStyle
from slimmer.report.verify.text import render_faults
from slimmer.report.verify.text import render_text as render_proof
from slimmer.rules.packs import load_packs
from slimmer.secrets.kinds import load_secret_rules
from slimmer.text import printable
from slimmer.transforms import BEAM_MODES, TRANSFORMS
from slimmer.verify.model import Proof

_FORMATS = {
    "--json": Format(FORMATS["json"], "Write the report as JSON too (- for stdout)."),
    "--markdown": Format(
        FORMATS["markdown"],
        "Write the report as Markdown too (- for stdout), for a pull-request comment or GitHub's "
        "step summary.",
    ),
    "--html": Format(
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
    "siblings",
    type=PATH,
    multiple=True,
    metavar="ZIP",
    help="A zip deployed beside this one (function, other layer), counted too. Repeatable.",
)
@click.option(
    "--base",
    "base_layers",
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
@output_options(_FORMATS)
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
    siblings: tuple[Path, ...],
    base_layers: tuple[Path, ...],
    prefix: str | None,
    beams: str | None,
    no_dedupe: bool,
    level: int | None,
    formats: Formats[Report],
    measure_dropped: bool,
    quiet: bool,
    verbose: bool,
    dry_run: bool,
    python: str | None,
    unpacked_at: str | None,
    events: tuple[Path, ...],
    function: Path | None,
    as_function: bool,
    verify_options: VerifyOptions,
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
    name = tree.name if tree.name not in ("", "..") else real_path(tree).name
    output = output or Path(f"{name or 'artifact'}.zip")
    files = {"--output": output, **formats.files}
    style = output_style(quiet=quiet, verbose=verbose, to_stderr=bool(formats.stdout))
    check_places(files, {})
    check_outside(files, tree)
    if events and dry_run:
        raise UsageError("--dry-run writes no zip that --verify could run; leave one of them")
    below, place = (*base_layers, *siblings), (settings.target, settings.prefix)
    post_build = PostBuildVerify(verify_options, events, below, function, as_function, *place)
    counted = (*siblings, function) if function else siblings
    job = replace(
        _job(tree, settings, output, counted, base_layers), measure_dropped=measure_dropped
    )
    post_build.check()
    report, proof = _run(job, files, formats, post_build, dry_run=dry_run, quiet=quiet)
    _show(report, proof, formats, style)
    if report.over:
        return EXIT_OVER
    return EXIT_VERIFY if report.verified is False else EXIT_OK


def _compiling(settings: Settings, python: str | None, unpacked_at: str | None) -> Settings:
    """Return the settings with what the options say of compiled bytecode."""
    if python and settings.pyc != COMPILE:
        raise UsageError(f"--python is only used with --pyc {COMPILE}; add that")
    python, unpacked_at = python or settings.python, unpacked_at or settings.unpacked_at
    return replace(settings, python=python, unpacked_at=unpacked_at)


def _show(
    report: Report, proof: Proof | None, formats: Formats[Report], style: OutputStyle
) -> None:
    """Print the report, and after it what was proven."""
    formats.show(report, render_text(report, style))
    if proof is not None:
        text = render_faults(proof) if style.quiet else "\n" + render_proof(proof)
        emit(text, err=bool(formats.stdout))


def _job(
    tree: Path,
    settings: Settings,
    output: Path,
    siblings: tuple[Path, ...],
    base_layers: tuple[Path, ...],
) -> pipeline.Job:
    paths = (*siblings, *base_layers)
    target, targets = target_of(settings)
    zips = tuple(open_zip(path) for path in paths)
    folder = scan(tree)
    return pipeline.Job(
        source=folder,
        packs=load_packs(),
        secret_rules=load_secret_rules(),
        settings=settings,
        target=target,
        name=as_utf8(output.name),
        base_layers=zips[len(siblings) :],
        compiler=_compiler(settings, folder.tree) if settings.pyc == COMPILE else None,
        siblings=zips,
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
    formats: Formats[Report],
    post_build: PostBuildVerify,
    *,
    dry_run: bool,
    quiet: bool,
) -> tuple[Report, Proof | None]:
    """Build and check; put zip and reports in their places once all are whole on the disk."""
    proof = None
    with contextlib.ExitStack() as stack:
        new = {n: stack.enter_context(NewFile(real_path(p), n)) for n, p in files.items()}
        with progress(quiet=quiet) as show:
            report = pipeline.build(job, Discard() if dry_run else new["--output"], show)
        ready = [] if report.over or dry_run else [new["--output"]]
        if ready and post_build.events:
            ready[0].sync()
            proof = prove(post_build.job(ready[0].aside))
            ready = ready if proof.passed else []
        report = replace(report, written=bool(ready), verified=proof.passed if proof else None)
        for option in formats.files:
            new[option].write(formats.rendered(option, report))
            ready.append(new[option])
        for file in ready:
            file.sync()
        for file in ready:
            file.commit()
    return report, proof
