"""``slim shrink``: find what no event needs, prove it, and write it down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, new_files, teller
from slimmer.config.option import LOOK, QUESTION, RUN
from slimmer.config.path_values import Inline
from slimmer.errors import EXIT_OK, UsageError
from slimmer.report.shrink import FORMATS

if TYPE_CHECKING:
    from slimmer.cli.run_options import PostBuildVerify, RunOptions
    from slimmer.decide.question import Question
    from slimmer.ecosystems.recorders import Observed
    from slimmer.report.terminal import OutputStyle
    from slimmer.shrink.model import Bounds, Shrinking
    from slimmer.shrink.shrink import Tell


@command(
    QUESTION,
    "--event",
    "--shrink-file",
    "--repeat",
    "--runs",
    "--time",
    "--within-units",
    "--guard-drops",
    "--evidence",
    "--as-function",
    "--as-layer",
    RUN,
    LOOK,
    formats=FORMATS,
    output="slim.shrink.toml",
)
@click.argument("tree", type=IN)
def shrink(
    tree: Path,
    output: Path,
    asked: Asked,
    outputs: Outputs,
    style: OutputStyle,
    events: tuple[Path | Inline, ...],
    run_options: RunOptions,
    repeat: int,
    runs: int,
    time_s: float,
    evidence: tuple[Path, ...],
    *,
    within_units: bool,
    guarded: bool,
    as_function: bool,
    as_layer: bool,
) -> int:
    """Run what slim builds of TREE with events, and write what no event needs to a file.

    slim build reads the file with --shrink, or where slim.toml names it. TREE may be an image,
    which runs by its own entry point. It is never changed.
    """
    from slimmer.cli.role import Role
    from slimmer.cli.run_options import PostBuildVerify
    from slimmer.config.shrink_file import shrink_text
    from slimmer.inputs.image import ImageTree
    from slimmer.inputs.looks import may_be_image
    from slimmer.inputs.open import open_source
    from slimmer.model.forms import IMAGE, ZIP
    from slimmer.report.shrink.text import render_text
    from slimmer.shrink.evidence import read_logs
    from slimmer.shrink.model import Bounds

    _check_options(run_options)
    if not may_be_image(tree):  # which starts by itself
        run_options.check_startable(events, asked.settings.target)
    if "shrink" in asked.spoken:
        raise UsageError("--shrink: slim shrink starts from what ships without one; remove it")
    # What an earlier shrink wrote is found again, or else it would be missing in the new file.
    asked = asked._replace(settings=replace(asked.settings, shrink=""))
    source = open_source(tree, asked.settings.arch)
    question = asked.of(source, IMAGE if isinstance(source, ImageTree) else ZIP)
    role = Role(as_function, as_layer)
    run = PostBuildVerify.of(asked, run_options, events, question, role)
    run.check()
    bounds = Bounds(repeat, runs, time_s, within_units, guarded)
    observed = read_logs(evidence)
    with new_files({"--shrink-file": output, **outputs.files}) as new:
        for file in new.values():
            file.write(b"")  # that it can be written is found out before the runs
        found = _shrunk(question, run, bounds, observed, teller(quiet=style.quiet))
        text = shrink_text(found.shrunk, found.notes, output.name)
        rendered = {new[option]: data for option, data in outputs.contents(found).items()}
        commit({new["--shrink-file"]: text.encode()} | rendered)
    outputs.show(found, render_text(found, style))
    return EXIT_OK


def _check_options(run_options: RunOptions) -> None:
    """Raise UsageError for an option of verify's that a shrink could not follow."""
    from slimmer.cli.trial import refuse_comparison
    from slimmer.model.forms import ENGINES

    refuse_comparison(run_options, "slim shrink")
    if run_options.sandbox in ENGINES:
        raise UsageError(
            f"--sandbox {run_options.sandbox}: what runs in a container cannot be watched; name "
            "another sandbox"
        )


def _shrunk(
    question: Question, run: PostBuildVerify, bounds: Bounds, observed: Observed, tell: Tell
) -> Shrinking:
    """Build the artifact as it would ship, caps apart, and shrink it."""
    from slimmer.cli.trial import built_for_trial
    from slimmer.inputs.open import open_source
    from slimmer.shrink.never import load_hollow, load_never
    from slimmer.shrink.shrink import ShrinkJob, shrink
    from slimmer.shrink.site import site

    with built_for_trial(question, run) as built, site(built.job) as place:
        artifact = open_source(built.file).tree
        job = ShrinkJob(question, artifact, bounds, load_never(), load_hollow(), observed)
        return shrink(job, place, tell)
