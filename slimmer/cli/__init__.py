"""The command line: parses, calls, prints, and maps every error to its exit code here."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from types import FrameType

import click

from slimmer import __version__
from slimmer.cli.build import build
from slimmer.cli.explain import explain
from slimmer.cli.rules import rules
from slimmer.errors import EXIT_INTERRUPTED, SlimError

EPILOG = (
    "Exit codes: 0 done; 1 over a cap; 2 bad usage or settings; 3 input that cannot be read "
    "or is unsafe; 130 interrupted."
)


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="slim")
def cli() -> None:
    """Make runtimes and packages fit AWS Lambda: explained, safe, deterministic."""


for command in (build, explain, rules):
    cli.add_command(command)


def quick() -> None:
    """Spare a short run the search for garbage: its values live until it ends."""
    gc.disable()


def main() -> None:
    """Run the command line and exit: one line for an error, and its exit code."""
    quick()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="replace"
        )  # a terminal may lack a character; no reason to fail
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _fail("interrupted; nothing was written", EXIT_INTERRUPTED)
    except KeyboardInterrupt:
        _fail("interrupted; nothing was written", EXIT_INTERRUPTED)
    except click.ClickException as error:
        _fail(_one_line(error), error.exit_code)
    except SlimError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _one_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{message} (see {context.command_path} --help)" if context else message


def _fail(message: str, code: int) -> None:
    click.echo(f"{click.style('slim:', fg='red', bold=True)} {message}", err=True)
    sys.exit(code)
