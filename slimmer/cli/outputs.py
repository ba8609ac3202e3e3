"""What a command says: on standard output, on standard error, and in files."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from slimmer.cli.paths import real_path
from slimmer.errors import UsageError
from slimmer.outputs.atomic import NewFile
from slimmer.report.formats import Formats

STDOUT = Path("-")


@dataclass(frozen=True)
class Outputs:
    """The formats that a result is to be written in, by the options that name them."""

    formats: Formats
    #: The files, by the option that named each.
    files: Mapping[str, Path]
    #: The option whose format takes standard output, or nothing.
    stdout: str = ""

    @classmethod
    def of(cls, formats: Formats, given: Mapping[str, Path | None]) -> Outputs:
        """Return the outputs for the paths that options name.

        Raises UsageError where two are to take standard output.
        """
        files = {option: path for option, path in given.items() if path and path != STDOUT}
        out = [option for option, path in given.items() if path == STDOUT]
        if len(out) > 1:
            raise UsageError(f"{' and '.join(out)} cannot share standard output; name a file")
        return cls(formats, files, *out)

    def rendered(self, option: str, value: Any) -> bytes:
        """Return what the file of an option holds."""
        return self.formats[option.removeprefix("--")].render(value).encode()

    def contents(self, value: Any) -> dict[str, bytes]:
        """Return what each file holds, by the option that named it."""
        return {option: self.rendered(option, value) for option in self.files}

    def show(self, value: Any, text: str) -> None:
        """Print the text; to standard error where a format takes standard output."""
        if self.stdout:
            emit(self.rendered(self.stdout, value))
        emit(text, err=bool(self.stdout))


def emit(text: str | bytes, *, err: bool = False) -> None:
    """Print, to standard error if ``err``; where the reader has gone, the rest is dropped.

    What a command found, and so its exit code, is the same for ``| head``.
    """
    try:
        click.echo(text, nl=False, err=err)
    except BrokenPipeError:
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def new_files(files: Mapping[str, Path]) -> Iterator[dict[str, NewFile]]:
    """Give the files that options name, each to be written and committed; the rest is undone."""
    with contextlib.ExitStack() as stack:
        yield {o: stack.enter_context(NewFile(real_path(p), o)) for o, p in files.items()}


def commit(contents: Mapping[NewFile, bytes]) -> None:
    """Put files in their places once all are whole on the disk."""
    for file, data in contents.items():
        file.write(data)
        file.sync()
    for file in contents:
        file.commit()


def write_files(files: Mapping[str, Path], contents: Mapping[str, bytes]) -> None:
    """Write files, by the options that named them, and put all in their places at once."""
    with new_files(files) as new:
        commit({file: contents[option] for option, file in new.items()})
