"""``slim build``: slim a tree, hold it to the caps, write the zip and the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import ARTIFACT, Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, new_files, say, teller
from slimmer.cli.paths import as_utf8
from slimmer.cli.split import check_split, layer_files, left_behind, split_up
from slimmer.cli.terminal import progress
from slimmer.config.option import LOOK, QUESTION, RUN
from slimmer.config.path_values import Inline
from slimmer.errors import EXIT_OK, EXIT_OVER, EXIT_VERIFY, UsageError
from slimmer.model.forms import FOLDERS, IMAGES
from slimmer.report.build import FORMATS
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.build.job import Job
    from slimmer.build.report import Report
    from slimmer.cli.run_options import PostBuildVerify, RunOptions
    from slimmer.decide.question import Question
    from slimmer.inputs.base import Source
    from slimmer.model.findings import Finding
    from slimmer.model.warm import Warm
    from slimmer.report.terminal import OutputStyle
    from slimmer.verify.model import Proof


@command(
    "--output",
    "--split",
    "--form",
    "--base-layers",
    "--tag",
    "--rootfs",
    "--max",
    QUESTION,
    "--allow-secret",
    "--fail-on",
    "--python",
    "--unpacked-at",
    "--warm",
    "--level",
    "--requirements",
    "--npm",
    "--refresh",
    "--cache",
    "--no-cache",
    "--jlink",
    "--jdk",
    "--measure-dropped",
    "--dry-run",
    "--estimate",
    "--shard",
    "--verify",
    "--as-function",
    "--observe",
    "--as-layer",
    RUN,
    LOOK,
    formats=FORMATS,
    named_by="trees",
)
@click.argument("trees", type=IN, nargs=-1, metavar="[TREE|NAME]...")
def build(
    trees: tuple[Path, ...],
    output: Path,
    form: str,
    base_count: int,
    tag: str,
    asked: Asked,
    outputs: Outputs,
    style: OutputStyle,
    events: tuple[Path | Inline, ...],
    run_options: RunOptions,
    fail_on: tuple[str, ...],
    requirements: Path | None,
    npm: Path | None,
    split: int,
    cache: str | None,
    shard: str | None,
    jlink: tuple[str, ...],
    jdk: Path | None,
    *,
    rootfs: bool,
    no_cache: bool,
    refresh: bool,
    as_function: bool,
    as_layer: bool,
    measure_dropped: bool,
    dry_run: bool,
    estimate: bool,
    observes: bool,
) -> int:
    """Slim TREE and write a deterministic zip that fits AWS Lambda, with a report.

    Several TREEs are laid over one another in order. NAME is an artifact of slim.toml; without
    any word all artifacts are built. TREE itself is never changed.

    Sizes: MB is 1,000,000 bytes, MiB is 1,048,576.
    """
    from slimmer.build.job import Job, check_python, compiler_for
    from slimmer.cli.cached import cache_for
    from slimmer.cli.forms import as_function as in_zip
    from slimmer.cli.forms import check_form_options, image_tags
    from slimmer.cli.role import Role
    from slimmer.cli.run_options import PostBuildVerify
    from slimmer.cli.trees import open_trees, wanted_of
    from slimmer.model.codes import codes_of
    from slimmer.model.fail_on import parse_fail_on
    from slimmer.secrets.kinds import load_secret_rules

    check_python(asked.settings, named="python" in asked.spoken)
    check_form_options(output, form, tag, verifies=bool(events), estimates=estimate)
    if events and (dry_run or estimate):
        option = "--estimate" if estimate else "--dry-run"
        raise UsageError(f"{option} writes no zip that --verify could run; remove one of them")
    dry_run = dry_run or estimate
    check_split(split, form, dry_run=dry_run, is_function=as_function)
    if shard and ARTIFACT not in click.get_current_context().meta:
        raise UsageError("--shard is for the artifacts of slim.toml; remove it")
    if observes and not asked.settings.shrink:
        raise UsageError("--observe ships what a shrink would drop; name its file with --shrink")
    run_options.check_startable(events, asked.settings.target, of_image=form in IMAGES)
    wanted = wanted_of(requirements, npm)
    source, found = open_trees(
        trees, wanted, asked.settings, rootfs=rootfs, refresh=refresh, quiet=style.quiet
    )
    source, more = in_zip(source, form, asked.settings)
    found += more
    with progress(quiet=style.quiet) as show:
        show("reading the tree", 0, 0)
        question = asked.of(source, form, base_count)
    if jlink:
        source, more = _linked(source, question, jlink, jdk, quiet=style.quiet)
        found += more
        question = asked.of(source, form, base_count)
    is_noted = not style.quiet or outputs.has_reports or bool(fail_on)
    question = replace(
        question,
        findings=(*question.findings, *found),
        observes=observes,
        tells_reach=is_noted or bool(asked.settings.entry),
    )
    role = Role(as_function, as_layer)
    verify = PostBuildVerify.of(asked, run_options, events, question, role)
    question = question.deployed_as(verify.deployed_as)
    job = Job(
        question=question,
        name=as_utf8(output.name),
        compiler=compiler_for(question),
        warm=_warm(asked.settings.warm),
        measure_dropped=measure_dropped,
        with_packages=outputs.asks("--sbom", "--notices"),
        secret_rules=load_secret_rules(examples=False),
        fail_on=parse_fail_on(fail_on, codes_of("build")),
        layers=split,
        form=form,
        tags=image_tags(source, output, tag, form),
        estimates=estimate,
        cache=cache_for(cache, trees, as_utf8(output.name), off=no_cache),
    )
    verify.check()
    report, proof = _run(job, output, outputs, verify, dry_run=dry_run, quiet=style.quiet)
    _show(report, proof, outputs, style)
    if report.written and output.parts[:1] == ("..",) and not style.quiet:
        say(f"{printable(str(output))} lies beside the tree\n", err=bool(outputs.stdout))
    for file in left_behind(output, split, report.layers) if report.written else ():
        line = f"{printable(str(file))} is of an earlier build, and no layer of this one; remove it"
        say(f"{line}\n", err=True)
    if report.over:
        return EXIT_OVER
    return EXIT_VERIFY if report.verified is False else EXIT_OK


def _linked(
    source: Source, question: Question, words: tuple[str, ...], jdk: Path | None, *, quiet: bool
) -> tuple[Source, list[Finding]]:
    """Return the tree with its Java runtimes linked again, and what there is to say of that."""
    from slimmer.cli.linked import linked

    return linked(source, question, words, jdk, teller(quiet=quiet))


def _warm(name: str) -> Warm:
    """Return what ``slim warm`` wrote to a file. Raises UsageError and InputError."""
    from slimmer.config.warm_file import parse_warm
    from slimmer.inputs.zip_tree import open_zip
    from slimmer.model.tree import Kind
    from slimmer.model.warm import COLD

    if not name:
        return COLD
    archive = open_zip(Path(name))
    paths = [entry.path for entry in archive.tree.entries if entry.kind is Kind.FILE]
    return parse_warm(archive.name, paths, archive.read)


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
    from slimmer.cli.forms import discarded

    proof = None
    folders = ("--output",) if job.form in FOLDERS else ()
    parts = layer_files(output, job.layers)
    with new_files({"--output": output, **parts, **outputs.files}, folders) as new:
        with progress(quiet=quiet) as show:
            report = build_zip(job, discarded(job.form) if dry_run else new["--output"], show)
        ready = [] if report.over or dry_run else [new["--output"]]
        if ready and verify.events:
            ready[0].sync()
            to_stderr = bool(outputs.stdout)
            tell = (lambda _: None) if quiet else lambda line: say(line, err=to_stderr)
            proof = verify.prove(ready[0].aside, tell)
            ready = ready if proof.passed else []
        report = replace(report, written=bool(ready), verified=proof.passed if proof else None)
        if ready and report.layers:
            report, ready = split_up(report, new)
        rendered = {new[option]: data for option, data in outputs.contents(report).items()}
        commit(dict.fromkeys(ready, b"") | rendered, ready)
    return report, proof


def _show(report: Report, proof: Proof | None, outputs: Outputs, style: OutputStyle) -> None:
    """Print the report, and after it what was proven."""
    from slimmer.report.build.text import render_text

    outputs.show(report, render_text(report, style))
    if proof is not None:
        from slimmer.report.verify.text import render_faults
        from slimmer.report.verify.text import render_text as render_proof

        text = render_faults(proof) if style.quiet else "\n" + render_proof(proof)
        say(text, err=bool(outputs.stdout))
