"""``slim warm``: make what a runtime loads instead of compiling, and prove that it is loaded."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import Asked, command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, new_files, teller
from slimmer.config.option import LOOK, QUESTION, RUN
from slimmer.errors import EXIT_OK, UsageError
from slimmer.report.warm import FORMATS

if TYPE_CHECKING:
    from slimmer.cli.run_options import PostBuildVerify, RunOptions
    from slimmer.decide.question import Question
    from slimmer.formats.zip.writer import Sink
    from slimmer.model.warm import Warm
    from slimmer.report.terminal import OutputStyle
    from slimmer.warm.warm import Tell, Warmed

_ARCHES = {"aarch64": "arm64"}


@command(
    QUESTION,
    "--event",
    "--warm-file",
    "--as-function",
    "--as-layer",
    RUN,
    LOOK,
    formats=FORMATS,
    output="slim.warm.zip",
)
@click.argument("tree", type=IN)
def warm(
    tree: Path,
    output: Path,
    asked: Asked,
    outputs: Outputs,
    style: OutputStyle,
    events: tuple[Path, ...],
    run_options: RunOptions,
    *,
    as_function: bool,
    as_layer: bool,
) -> int:
    """Run what slim builds of TREE with events, and write what its runtime compiled to a file.

    slim build ships it with --warm, or where slim.toml names it. TREE is never changed.
    """
    from slimmer.cli.role import Role
    from slimmer.cli.run_options import PostBuildVerify
    from slimmer.inputs.open import open_source
    from slimmer.report.warm.text import render_text

    _check_options(run_options)
    run_options.check_startable(events, asked.settings.target)
    question = asked.of(open_source(tree, asked.settings.arch))
    run = PostBuildVerify.of(asked, run_options, events, question, Role(as_function, as_layer))
    run.check()
    with new_files({"--warm-file": output, **outputs.files}) as new:
        for file in new.values():
            file.write(b"")  # that it can be written is found out before the runs
        tell = teller(quiet=style.quiet)
        found = _warmed(question, run, output.name, tell)
        _write(found.warm, new["--warm-file"], output.name, asked.settings.level)
        rendered = {new[option]: data for option, data in outputs.contents(found).items()}
        commit({new["--warm-file"]: b""} | rendered)
    outputs.show(found, render_text(found, style))
    return EXIT_OK


def _check_options(run_options: RunOptions) -> None:
    """Raise UsageError for an option of verify's that caches cannot be made with."""
    from slimmer.cli.trial import refuse_comparison
    from slimmer.model.forms import ENGINES
    from slimmer.verify.model import NONE

    refuse_comparison(run_options, "slim warm")
    if run_options.sandbox in (*ENGINES, NONE):
        raise UsageError(
            f"--sandbox {run_options.sandbox}: caches name the place of what they are made of, and "
            "are made with bwrap or unshare; name one of them"
        )


def _warmed(question: Question, run: PostBuildVerify, name: str, tell: Tell) -> Warmed:
    """Build the artifact as it would ship, caps apart, and make its caches."""
    from slimmer.cli.trial import built_for_trial
    from slimmer.inputs.zip_tree import open_zip
    from slimmer.warm.plot import plot
    from slimmer.warm.warm import WarmJob, warm

    with built_for_trial(question, run) as built, plot(built.job) as place:
        arch = _ARCHES.get(platform.machine(), platform.machine())
        return warm(
            WarmJob(open_zip(built.file), question.settings.prefix, arch, name), place, tell
        )


def _write(warm: Warm, sink: Sink, name: str, level: int) -> None:
    """Write the zip of the caches and their table."""
    from slimmer.config.warm_file import TABLE, warm_text
    from slimmer.outputs.zip import MemberContent, PendingMember, file_mode, write_zip

    files = {TABLE: warm_text(warm).encode(), **warm.files}

    def pending(path: str, data: bytes) -> PendingMember:
        mode = file_mode(data, executable=False)
        return PendingMember(path, lambda: MemberContent(mode, data))

    write_zip(sink, name, [pending(path, data) for path, data in files.items()], level=level)
