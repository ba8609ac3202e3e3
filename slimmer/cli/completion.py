"""``slim completion``: the script by which a shell asks what may stand at the cursor.

The scripts and their protocol are click's. A script starts ``slim`` with ``_SLIM_COMPLETE`` set
and the line so far in two more variables; :func:`answer` prints what may follow. So a script does
not change when options do.
"""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from slimmer.cli.environment import COMPLETE
from slimmer.cli.options import NameType
from slimmer.config.values import known_name
from slimmer.errors import EXIT_OK, UsageError

PROGRAM = "slim"

SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command()
@click.argument("shell", type=NameType(lambda: SHELLS), metavar="|".join(SHELLS))
def completion(shell: str) -> int:
    """Print the script that completes commands, options, names and files in a shell.

    \b
    bash  put this into ~/.bashrc: eval "$(slim completion bash)"
    zsh   put this into ~/.zshrc, after compinit: eval "$(slim completion zsh)"
    fish  slim completion fish >~/.config/fish/completions/slim.fish
    """  # noqa: D301 - click reads the \\b as: keep these lines
    script = SHELLS[known_name("shell", shell, SHELLS)](click.Group(), {}, PROGRAM, COMPLETE)
    # Not script.source(): for bash that runs the bash at hand, and may print a complaint.
    click.echo(script.source_template % script.source_vars(), nl=False)
    return EXIT_OK


def answer(cli: click.Group, asked: str) -> int:
    """Print what may stand at the cursor, as a script of :func:`completion` asked for it.

    Raises UsageError where no such script did.
    """
    try:
        shell = SHELLS[asked.removesuffix("_complete")](cli, {}, PROGRAM, COMPLETE)
        args, incomplete = shell.get_completion_args()
    except (KeyError, ValueError, IndexError):
        raise UsageError(
            f"{COMPLETE} is what the scripts of slim completion set; unset it to run slim"
        ) from None
    for item in shell.get_completions(args, incomplete):
        click.echo(shell.format_completion(item).encode())
    return EXIT_OK
