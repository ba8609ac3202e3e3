"""What a terminal changes: bars, and how much is said."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO

import click

from slimmer.errors import UsageError
from slimmer.report.terminal import OutputStyle
from slimmer.sizes import size_text

_BAR = 40


def output_style(*, quiet: bool, verbose: bool, to_stderr: bool) -> OutputStyle:
    """Return how the report looks where it goes. Raises UsageError for opposites."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose are opposites; remove one")
    return OutputStyle(quiet, verbose, _is_terminal(sys.stderr if to_stderr else sys.stdout))


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int, int], object]]:
    """Show a bar on a terminal, and only there; it is gone when the work is done."""
    shown = -1

    def show(done_bytes: int, total_bytes: int) -> None:
        nonlocal shown
        share = done_bytes * _BAR // max(total_bytes, 1)
        if share != shown:
            shown = share
            bar = "#" * share + "." * (_BAR - share)
            click.echo(f"\rpacking [{bar}] {size_text(done_bytes)}\x1b[K", nl=False, err=True)

    if quiet or not _is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        yield lambda _done, _total: None
        return
    try:
        yield show
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
