"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, emit, new_files
from slimmer.cli.paths import as_utf8
from slimmer.cli.terminal import progress
from slimmer.config.option import LOOK, QUESTION, RUN
from slimmer.config.path_values import Inline
from slimmer.errors import EXIT_OK, EXIT_OVER, EXIT_VERIFY, UsageError
from slimmer.report.build import FORMATS

if TYPE_CHECKING:
    from slimmer.build.job import Job
    from slimmer.build.report import Report
    from slimmer.cli.run_options import PostBuildVerify, RunOptions
    from slimmer.report.terminal import OutputStyle
    from slimmer.verify.model import Proof


@command(
    "--output",
    "--max",
    QUESTION,
    "--allow-secret",
    "--fail-on",
    "--python",
    "--unpacked-at",
    "--level",
    "--measure-dropped",
    "--dry-run",
    "--verify",
    "--as-function",
    RUN,
    LOOK,
    formats=FORMATS,
)
@click.argument("tree", type=IN)
def build(
    tree: Path,
    output: Path,
    asked: Asked,
    outputs: Outputs,
    style: OutputStyle,
    events: tuple[Path | Inline, ...],
    run_options: RunOptions,
    fail_on: tuple[str, ...],
    *,
    as_function: bool,
    measure_dropped: bool,
    dry_run: bool,
) -> int:
    """Slim TREE and write a deterministic zip that fits AWS Lambda, with a report.

    TREE itself is never changed. Sizes: MB is 1,000,000 bytes, MiB is 1,048,576.
    """
    from slimmer.build.job import Job, check_python, compiler_for
    from slimmer.cli.run_options import PostBuildVerify
    from slimmer.inputs.folder import scan
    from slimmer.model.codes import codes_of
    from slimmer.model.fail_on import parse_fail_on
    from slimmer.secrets.kinds import load_secret_rules

    check_python(asked.settings, named="python" in asked.spoken)
    if events and dry_run:
        raise UsageError("--dry-run writes no zip that --verify could run; remove one of them")
    verify = PostBuildVerify.of(asked, run_options, events, as_function=as_function)
    with progress(quiet=style.quiet) as show:
        show("reading the tree", 0, 0)
        question = asked.of(scan(tree))
    job = Job(
        question=question,
        name=as_utf8(output.name),
        compiler=compiler_for(question),
        measure_dropped=measure_dropped,
        with_packages=outputs.asks("--sbom", "--notices"),
        secret_rules=load_secret_rules(examples=False),
        fail_on=parse_fail_on(fail_on, codes_of("build")),
    )
    verify.check()
    report, proof = _run(job, output, outputs, verify, dry_run=dry_run, quiet=style.quiet)
    _show(report, proof, outputs, style)
    if report.over:
        return EXIT_OVER
    return EXIT_VERIFY if report.verified is False else EXIT_OK


def _run(
    job: Job,
    output: Path,
    outputs: Outputs,
    verify: PostBuildVerify,
    *,
    dry_run: bool,
    quiet: bool,
) -> tuple[Report, Proof | None]:
    """Build and check; put zip and reports in their places once all are whole on the disk."""
    from slimmer.build.pipeline import build as build_zip
    from slimmer.outputs.atomic import Discard

    proof = None
    with new_files({"--output": output, **outputs.files}) as new:
        with progress(quiet=quiet) as show:
            report = build_zip(job, Discard() if dry_run else new["--output"], show)
        ready = [] if report.over or dry_run else [new["--output"]]
        if ready and verify.events:
            ready[0].sync()
            to_stderr = bool(outputs.stdout)
            tell = (lambda _: None) if quiet else lambda line: emit(line, err=to_stderr)
            proof = verify.prove(ready[0].aside, tell)
            ready = ready if proof.passed else []
        report = replace(report, written=bool(ready), verified=proof.passed if proof else None)
        rendered = {new[option]: data for option, data in outputs.contents(report).items()}
        commit(dict.fromkeys(ready, b"") | rendered, new["--output"] if ready else None)
    return report, proof


def _show(report: Report, proof: Proof | None, outputs: Outputs, style: OutputStyle) -> None:
    """Print the report, and after it what was proven."""
    from slimmer.report.build.text import render_text

    outputs.show(report, render_text(report, style))
    if proof is not None:
        from slimmer.report.verify.text import render_faults
        from slimmer.report.verify.text import render_text as render_proof

        text = render_faults(proof) if style.quiet else "\n" + render_proof(proof)
        emit(text, err=bool(outputs.stdout))
