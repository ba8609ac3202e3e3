"""``slim verify``: run artifacts as Lambda would, and judge their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import command
from slimmer.cli.images import image_alone
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, new_files, say
from slimmer.config.option import RUN
from slimmer.config.path_values import Inline
from slimmer.errors import EXIT_OK, EXIT_VERIFY, InputError, UsageError
from slimmer.report.verify import FORMATS

if TYPE_CHECKING:
    from slimmer.cli.run_options import RunOptions
    from slimmer.config.settings import Settings


@command(
    "--function",
    "--event",
    "--target",
    "--starts",
    "--max-init-cpu",
    "--max-init-ratio",
    "--as-layer",
    "--config",
    RUN,
    formats=FORMATS,
    named_by="artifacts",
)
@click.argument("artifacts", type=IN, nargs=-1, metavar="[LAYER|NAME]...")
def verify(
    artifacts: tuple[Path, ...],
    function: Path | None,
    events: tuple[Path | Inline, ...],
    settings: Settings,
    outputs: Outputs,
    run_options: RunOptions,
    starts: int,
    *,
    as_layer: bool,
) -> int:
    """Run LAYERs, unpacked in order into /opt, and a function as Lambda would.

    Each LAYER, and the function, is a zip or a folder. A LAYER with the handler's module, or a
    program called bootstrap, at its root is taken as the function, and that is said. An image (a
    tar of docker save, an OCI layout in a tar or folder, docker:NAME, podman:NAME) runs alone, by
    its entry point and with itself as the root. NAME is an artifact of slim.toml; without any zip
    all artifacts are verified. Nothing is written but the report.
    """
    from slimmer.cli.run_options import taken_as_function
    from slimmer.report.verify.text import render_text
    from slimmer.verify.model import MostInit
    from slimmer.verify.proof import prove

    if not artifacts and function is None:
        raise UsageError("nothing to run; name a layer's zip, or the function with --function")
    if run_options.ignored and not run_options.against:
        raise UsageError("--ignore needs --against; name what the answers are compared with")
    if settings.max_init_ratio and not run_options.against:
        raise UsageError("--max-init-ratio needs --against; name what starts are compared with")
    to_stderr = bool(outputs.stdout)
    given = (*artifacts, *([function] if function else ()))
    image = image_alone(given, "an image runs alone, as Lambda adds no layers to it")
    if image is not None:
        artifacts, function = (), None
    elif function is None and not as_layer:
        function, mark = _function_among(artifacts, run_options, settings.target)
        if function is not None:
            say(taken_as_function(str(function), mark), err=to_stderr)
            artifacts = tuple(path for path in artifacts if path != function)
    job = run_options.job(
        events,
        artifacts,
        function,
        target=settings.target,
        of_function=not artifacts,
        starts=starts,
        most=MostInit(settings.max_init_cpu_s, settings.max_init_ratio),
        image=image,
    )
    with new_files(outputs.files) as new:
        for file in new.values():
            file.write(b"")  # that it can be written is found out before the run
        proof = prove(job, lambda line: say(line, err=to_stderr))
        rendered = outputs.contents(proof)
        commit({file: rendered[option] for option, file in new.items()})
    outputs.show(proof, render_text(proof))
    if not proof.passed and function is None and image is None and job.spec.runtime:
        say("hint: all ran as layers; name the function's zip with --function\n", err=to_stderr)
    return EXIT_OK if proof.passed else EXIT_VERIFY


def _function_among(
    artifacts: tuple[Path, ...], run_options: RunOptions, target: str
) -> tuple[Path | None, str]:
    """Return the last artifact that is a function by what it holds, and the file that says so."""
    from slimmer.inputs.open import open_source

    for path in reversed(artifacts):
        try:
            mark = run_options.function_mark(open_source(path), target)
        except InputError:
            continue  # what is wrong with it is told where it is unpacked
        if mark:
            return path, mark
    return None, ""
