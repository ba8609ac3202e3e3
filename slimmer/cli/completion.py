"""``slim completion``: the script by which a shell asks what may stand at the cursor.

The scripts and their protocol are click's. A script starts ``slim`` with ``_SLIM_COMPLETE`` set
and the line so far in two more variables; :func:`answer` prints what may follow. So a script does
not change when options do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from slimmer.cli.options import OneOf, one_of
from slimmer.cli.terminal import COMPLETE
from slimmer.errors import EXIT_OK, UsageError
from slimmer.model.findings import codes_of
from slimmer.rules.packs import load_packs
from slimmer.targets import load_targets

PROGRAM = "slim"
SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


def component_names() -> Iterable[str]:
    """Return the components that a rule pack of slim's has, such as ``erlang/gui``."""
    return [component.name for pack in load_packs() for component in pack.components]


NAMES: dict[str, Callable[[], Iterable[str]]] = {
    "drop": component_names,
    "fail_on": lambda: codes_of("check"),
    "keep": component_names,
    "target": load_targets,
}
"""Options that take names out of data files. Those that take one of a few need no row here."""


@click.command(short_help="Print the script that completes slim in a shell.")
@click.argument("shell", callback=one_of("shell", list(SHELLS)), metavar="|".join(SHELLS))
def completion(shell: str) -> int:
    """Print the script that completes commands, options, names and files in a shell.

    \b
    bash  put this into ~/.bashrc: eval "$(slim completion bash)"
    zsh   put this into ~/.zshrc, after compinit: eval "$(slim completion zsh)"
    fish  slim completion fish >~/.config/fish/completions/slim.fish
    """  # noqa: D301 - click reads the \\b as: keep these lines
    script = SHELLS[shell](click.Group(), {}, PROGRAM, COMPLETE)
    # Not script.source(): for bash that runs the bash at hand, and may print a complaint.
    click.echo(script.source_template % script.source_vars(), nl=False)
    return EXIT_OK


def answer(cli: click.Group, asked: str) -> int:
    """Print what may stand at the cursor, as a script of :func:`completion` asked for it.

    Raises UsageError where no such script did.
    """
    context = click.Context(cli, info_name=PROGRAM)
    for command in filter(None, (cli.get_command(context, n) for n in cli.list_commands(context))):
        for param in command.params:
            names = _names(param)
            if names is not None:
                param.type = _Names(names)
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


def _names(param: click.Parameter) -> Callable[[], Iterable[str]] | None:
    """Return what gives the names that a parameter takes, if it takes names."""
    check = getattr(param, "callback", None)
    if isinstance(check, OneOf):
        return lambda: check.names
    return NAMES.get(param.name or "")


class _Names(click.ParamType[str]):
    """Completes names; what is typed is checked elsewhere."""

    name = "text"

    def __init__(self, names: Callable[[], Iterable[str]]):
        self.names = names

    def shell_complete(
        self, _context: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        """Return the names that start as the incomplete one does."""
        return [CompletionItem(name) for name in self.names() if name.startswith(incomplete)]
