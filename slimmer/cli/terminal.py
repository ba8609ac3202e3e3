"""What a terminal changes: bars, and how much is said."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

import click

from slimmer.errors import UsageError
from slimmer.report.terminal import OutputStyle
from slimmer.sizes import size_text

_BAR, _SHORTEST = 20, 5
_STEP_S = 0.1  # between two drawings of the bar
_TICK_S = 1.0
_HAS_TIMER = hasattr(signal, "setitimer")  # not on Windows
_NARROWEST = 40


def output_style(*, quiet: bool, verbose: bool, to_stderr: bool) -> OutputStyle:
    """Return how the report looks where it goes. Raises UsageError for opposites."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose are opposites; remove one")
    return OutputStyle(quiet, verbose, is_terminal(sys.stderr if to_stderr else sys.stdout))


def terminal_width(*, to_stderr: bool = False) -> int:
    """Return the columns of the terminal that is written to; nothing where none is."""
    if not is_terminal(sys.stderr if to_stderr else sys.stdout):
        return 0
    return max(shutil.get_terminal_size().columns, _NARROWEST)


class Bar:
    """Shows on standard error which phase a run is in, how far it is, and how long it will take."""

    def __init__(self) -> None:
        self._phase, self._done, self._total = "", 0, 0
        self._since = self._shown_at = 0.0

    def show(self, phase: str, done_bytes: int = 0, total_bytes: int = 0) -> None:
        """Take where the run is; a new phase is shown at once, and else a few times a second."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._since, self._shown_at = phase, now, 0.0
        self._done, self._total = done_bytes, total_bytes
        if now - self._shown_at >= _STEP_S or done_bytes == total_bytes:
            self.draw()

    def draw(self, *_: object) -> None:
        """Draw the line as it is now; a timer does so too, where nothing is told for long."""
        self._shown_at = time.monotonic()
        line = self.line(self._shown_at - self._since, terminal_width(to_stderr=True) - 1)
        click.echo(f"\r{line}\x1b[K", nl=False, err=True)

    def line(self, seconds: float, columns: int) -> str:
        """Return the line ``seconds`` after the phase began; in few columns the bar gives way."""
        if not self._total:
            told = f"{self._phase} … {seconds:.0f} s" if seconds >= 1 else f"{self._phase} …"
            return told[:columns]
        share = min(self._done / self._total, 1)
        left = f", {seconds * (1 - share) / share:.0f} s left" if share and seconds >= 1 else ""
        sizes = f"{size_text(self._done)} of {size_text(self._total)}"
        told = f"{sizes}, {share:.0%}{left}"
        width = min(_BAR, columns - len(self._phase) - len(told) - 4)
        if width < _SHORTEST:
            return f"{self._phase} {told}"[:columns]
        filled = int(share * width)
        return f"{self._phase} [{'#' * filled}{'.' * (width - filled)}] {told}"


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], object]]:
    """Show a bar on a terminal, and only there; it is gone when the work is done.

    A timer redraws it, so that it never stands still: no thread, which would forbid to fork.
    """
    if quiet or not is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        yield lambda _phase, _done, _total: None
        return
    bar = Bar()
    before = signal.signal(signal.SIGALRM, bar.draw) if _HAS_TIMER else None
    try:
        if _HAS_TIMER:
            signal.setitimer(signal.ITIMER_REAL, _TICK_S, _TICK_S)
        yield bar.show
    finally:
        if _HAS_TIMER:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        click.echo("\r\x1b[K", nl=False, err=True)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream goes to a terminal; there may be no stream at all."""
    return stream is not None and stream.isatty()
