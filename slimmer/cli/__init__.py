"""The command line: parses, calls, prints, and maps every error to its exit code here."""

from __future__ import annotations

import gc
import io
import os
import pkgutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import click

from slimmer import __version__
from slimmer.cli.environment import COMPLETE, colour
from slimmer.errors import EXIT_INPUT, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SlimError, reason_of
from slimmer.text import printable

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EPILOG = (
    "Exit codes: 0 done; 1 a finding fails (over a cap, cannot load on the target, a secret); "
    "2 bad usage or settings; 3 input that cannot be read or is unsafe; 5 verify failed; "
    "130 interrupted."
)


class Row(NamedTuple):
    """A command: where it is, and what it is for. Only the one that is called is imported."""

    place: str
    short_help: str


COMMANDS = {
    "build": Row("slimmer.cli.build:build", "Slim a tree and write a deterministic zip."),
    "cache": Row("slimmer.cli.cache:cache", "Show, empty or bound what builds remember."),
    "check": Row("slimmer.cli.check:check", "Hold zips to caps, budgets and a baseline."),
    "completion": Row(
        "slimmer.cli.completion:completion", "Print the script that completes slim in a shell."
    ),
    "diff": Row("slimmer.cli.diff:diff", "Say what is different between two artifacts."),
    "event": Row(
        "slimmer.cli.event:event", "Print an event as a service sends it, to verify with."
    ),
    "explain": Row("slimmer.cli.explain:explain", "Say for each path what becomes of it, and why."),
    "init": Row("slimmer.cli.init:init", "Look at a project, and write a slim.toml for it."),
    "inspect": Row(
        "slimmer.cli.inspect:inspect", "Say what is in a tree or a zip, before any slimming."
    ),
    "rules": Row("slimmer.cli.rules:rules", "List the rule packs and their components."),
    "shrink": Row(
        "slimmer.cli.shrink:shrink", "Find what no event needs, by watched runs, and prove it."
    ),
    "verify": Row(
        "slimmer.cli.verify:verify", "Run artifacts as Lambda would, and judge their answers."
    ),
    "warm": Row("slimmer.cli.warm:warm", "Make what a runtime loads instead of compiling."),
}


class Commands(click.Group):
    """The commands of the table above; ``--help`` and completion read the table alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return the command of this name, or None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = pkgutil.resolve_name(COMMANDS[cmd_name].place)
        assert isinstance(command, click.Command)  # noqa: S101 - a row that names no command
        command.epilog = EPILOG
        command.short_help = COMMANDS[cmd_name].short_help
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; a wrong name is told the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            name = error.command_name
            raise click.exceptions.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands and what each is for."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.short_help) for name, row in sorted(COMMANDS.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands, or else the options, that start as the incomplete word does."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=row.short_help)
            for name, row in sorted(COMMANDS.items())
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="slim")
@click.pass_context
def cli(context: click.Context) -> int:
    """Make runtimes and packages fit AWS Lambda: explained, safe, deterministic."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        return EXIT_USAGE
    return EXIT_OK


class Interrupted(BaseException):
    """Somebody asked the process to stop; whatever is half done is to be taken back."""


def quick() -> None:
    """Spare a short run the search for garbage: its values live until it ends."""
    gc.disable()


def main() -> None:
    """Run the command line and exit: one line for an error, and its exit code."""
    quick()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal may lack a character; that is no reason to fail after the work is done.
        sys.stdout.reconfigure(errors="replace")
    code = run(sys.argv[1:], os.environ.get(COMPLETE))
    gc.freeze()  # else the interpreter looks for garbage before it ends
    sys.exit(code)


def run(arguments: list[str], asked: str | None = None) -> int:
    """Return the exit code of one run, having said in one line what went wrong.

    ``asked`` is what a shell asks for that completes a line; without it the arguments are run.
    """
    written: list[Path] = []
    try:
        return _invoke(arguments, asked, written)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except Interrupted:
        return _fail(f"interrupted; {_and(written)} written", EXIT_INTERRUPTED)
    except (click.ClickException, SlimError, OSError, MemoryError, RecursionError) as error:
        return _fail(*_line_of(error, written))


def _invoke(arguments: list[str], asked: str | None, written: list[Path]) -> int:
    """Run a command, or complete a line; the files that a command writes are added."""
    if asked:
        answered: int = pkgutil.resolve_name("slimmer.cli.completion:answer")(cli, asked)
        return answered
    with cli.make_context("slim", arguments, color=colour(), obj=written) as context:
        code = cli.invoke(context)
    if sys.stdout is not None:
        sys.stdout.flush()
    return code if isinstance(code, int) else EXIT_OK


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise Interrupted


def _line_of(error: Exception, written: list[Path]) -> tuple[str, int]:
    """Return the line and the exit code for an error that a user can cause."""
    if isinstance(error, click.ClickException):
        return _one_line(error), EXIT_USAGE
    if isinstance(error, SlimError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        return _system_error(error, written)
    if isinstance(error, MemoryError):
        return "not enough memory for the largest file; drop it or add memory", EXIT_INPUT
    return "something in the input is nested too deep; make it flatter", EXIT_INPUT


def _and(written: list[Path]) -> str:
    """Return the files that are in their places, and the verb for them."""
    names = [printable(path.name) for path in written]
    return (
        f"{' and '.join(names)} {'was' if len(names) == 1 else 'were'}" if names else "nothing was"
    )


def _one_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{message} (see {context.command_path} --help)" if context else message


def _system_error(error: OSError, written: list[Path]) -> tuple[str, int]:
    """Return the line and the exit code for an error of the system that no command expects."""
    reason = reason_of(error)
    if isinstance(error, FileNotFoundError) and error.filename is None:  # only os.getcwd() says so
        return "the working folder is no longer there; change to another", EXIT_INPUT
    if error.filename is None:  # only standard output is written without a name
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        after = f"; {_and(written)} written" if written else ""
        return f"cannot write to standard output ({reason}){after}; send it elsewhere", EXIT_USAGE
    name = printable(os.fsdecode(error.filename))
    return f"{name}: cannot be used ({reason}); fix it or name another", EXIT_INPUT


def _fail(message: str, code: int) -> int:
    click.echo(f"{click.style('slim:', fg='red', bold=True)} {message}", err=True, color=colour())
    return code
