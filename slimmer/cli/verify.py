"""``slim verify``: run artifacts as Lambda would, and judge their answers."""

from __future__ import annotations

from pathlib import Path

import click

from slimmer.archive import NewFile
from slimmer.cli.outputs import say
from slimmer.cli.places import PATH
from slimmer.cli.running import How, prove, running
from slimmer.config import Settings
from slimmer.data import find_targets
from slimmer.errors import EXIT_OK, EXIT_VERIFY, UsageError
from slimmer.verify.report import render_json, render_text

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
    how: How,
) -> int:
    """Run LAYERs, unpacked in order into /opt, and a function as Lambda would.

    Each LAYER, and the function, is a zip or a folder. Nothing is written but the report.
    """
    if not artifacts and function is None:
        raise UsageError("nothing to run; name a layer's zip, or the function with --function")
    known, _ = find_targets(target)
    job = how.job(events, artifacts, function, target=known.name, of_function=not artifacts)
    if json_file is None or json_file == _STDOUT:
        proof = prove(job)
    else:
        with NewFile(json_file, "--json") as file:
            file.write(b"")  # that it can be written is found out before the run
            proof = prove(job)
            file.write(render_json(proof).encode())
            file.commit()
    if json_file == _STDOUT:
        say(render_json(proof).encode())
    say(render_text(proof), err=json_file == _STDOUT)
    return EXIT_OK if proof.passed else EXIT_VERIFY
