"""``slim verify``: run artifacts as Lambda would, and judge their answers."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.cli.outputs import emit
from slimmer.cli.paths import PATH
from slimmer.cli.verify_options import VerifyOptions, prove, running
from slimmer.config.settings import Settings
from slimmer.errors import EXIT_OK, EXIT_VERIFY, UsageError
from slimmer.outputs.atomic import NewFile
from slimmer.report.verify.text import render_json, render_text
from slimmer.targets import find_targets

_STDOUT = Path("-")


@click.command(short_help="Run artifacts as Lambda would, and judge their answers.")
@click.argument("artifacts", type=PATH, nargs=-1, metavar="[LAYER]...")
@click.option("--function", type=PATH, metavar="ZIP", help="The function, for /var/task.")
@click.option(
    "--event",
    "events",
    type=PATH,
    multiple=True,
    required=True,
    metavar="FILE",
    help="A JSON file to answer. Repeatable: one process answers all, in this order.",
)
@click.option(
    "--target",
    default=Settings.target,
    metavar="NAME",
    help="Whose limits hold, and whose runtime runs it without --runtime, as in slim build.  "
    f"[default: {Settings.target}]",
)
@running
@click.option(
    "--json",
    "json_file",
    type=PATH,
    metavar="FILE",
    help="Write the report as JSON too (- for stdout).",
)
def verify(
    artifacts: tuple[Path, ...],
    function: Path | None,
    events: tuple[Path, ...],
    target: str,
    json_file: Path | None,
    verify_options: VerifyOptions,
) -> int:
    """Run LAYERs, unpacked in order into /opt, and a function as Lambda would.

    Each LAYER, and the function, is a zip or a folder. Nothing is written but the report.
    """
    if not artifacts and function is None:
        raise UsageError("nothing to run; name a layer's zip, or the function with --function")
    known, _ = find_targets(target)
    job = verify_options.job(
        events, artifacts, function, target=known.name, of_function=not artifacts
    )
    if json_file is None or json_file == _STDOUT:
        proof = prove(job)
    else:
        with NewFile(json_file, "--json") as file:
            file.write(b"")  # that it can be written is found out before the run
            proof = prove(job)
            file.write(render_json(proof).encode())
            file.commit()
    if json_file == _STDOUT:
        emit(render_json(proof).encode())
    emit(render_text(proof), err=json_file == _STDOUT)
    return EXIT_OK if proof.passed else EXIT_VERIFY
