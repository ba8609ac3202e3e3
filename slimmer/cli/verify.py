"""``slim verify``: run artifacts as Lambda would, and judge their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slimmer.cli.frame import command
from slimmer.cli.options import IN
from slimmer.cli.outputs import Outputs, commit, emit, new_files
from slimmer.config.option import RUN
from slimmer.config.path_values import Inline
from slimmer.errors import EXIT_OK, EXIT_VERIFY, UsageError
from slimmer.report.verify import FORMATS

if TYPE_CHECKING:
    from slimmer.cli.run_options import RunOptions


@command(
    "--function",
    "--event",
    "--target",
    "--starts",
    "--max-init-cpu",
    RUN,
    formats=FORMATS,
)
@click.argument("artifacts", type=IN, nargs=-1, metavar="[LAYER]...")
def verify(
    artifacts: tuple[Path, ...],
    function: Path | None,
    events: tuple[Path | Inline, ...],
    target: str | None,
    outputs: Outputs,
    run_options: RunOptions,
    starts: int,
    max_init_cpu_s: float | None,
) -> int:
    """Run LAYERs, unpacked in order into /opt, and a function as Lambda would.

    Each LAYER, and the function, is a zip or a folder. Nothing is written but the report.
    """
    from slimmer.report.verify.text import render_text
    from slimmer.verify.proof import prove

    if not artifacts and function is None:
        raise UsageError("nothing to run; name a layer's zip, or the function with --function")
    if max_init_cpu_s and not starts:
        raise UsageError("--max-init-cpu needs --starts; say how many are measured")
    job = run_options.job(
        events,
        artifacts,
        function,
        target=target or "lambda",
        of_function=not artifacts,
        starts=starts,
        max_init_cpu_s=max_init_cpu_s,
    )
    with new_files(outputs.files) as new:
        for file in new.values():
            file.write(b"")  # that it can be written is found out before the run
        proof = prove(job, lambda line: emit(line, err=bool(outputs.stdout)))
        rendered = outputs.contents(proof)
        commit({file: rendered[option] for option, file in new.items()})
    outputs.show(proof, render_text(proof))
    return EXIT_OK if proof.passed else EXIT_VERIFY
