"""The faces of what a command says, and the files that they are written to."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import click

from slimmer.cli.paths import PATH, real_path
from slimmer.errors import UsageError
from slimmer.outputs.atomic import NewFile

_STDOUT = Path("-")

T = TypeVar("T")


class Format(NamedTuple, Generic[T]):
    """How a value reads in one form, and the help of the option that writes it to a file."""

    render: Callable[[T], str]
    help: str


@dataclass(frozen=True)
class Formats(Generic[T]):
    """The files that a value is to be written to, by the option that named each.

    ``stdout`` is the option whose face takes standard output, or nothing.
    """

    table: Mapping[str, Format[T]]
    files: Mapping[str, Path]
    stdout: str = ""

    def rendered(self, option: str, value: T) -> bytes:
        """Return what the file of an option holds."""
        return self.table[option].render(value).encode()

    def write(self, value: T) -> None:
        """Put every file in its place once all are whole on the disk."""
        put({o: (path, self.rendered(o, value)) for o, path in self.files.items()})

    def show(self, value: T, text: str) -> None:
        """Print the text; to standard error where a face takes standard output."""
        if self.stdout:
            emit(self.rendered(self.stdout, value))
        emit(text, err=bool(self.stdout))


def emit(text: str | bytes, *, err: bool = False) -> None:
    """Print, to standard error if ``err``; where nobody reads on, the rest goes nowhere.

    What a command found, and so its exit code, is the same for ``| head``.
    """
    try:
        click.echo(text, nl=False, err=err)
    except BrokenPipeError:
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def put(contents: Mapping[str, tuple[Path, bytes]]) -> None:
    """Put files, by the options that named them, in their places once all are on the disk."""
    with contextlib.ExitStack() as stack:
        new = {o: stack.enter_context(NewFile(real_path(p), o)) for o, (p, _) in contents.items()}
        for option, file in new.items():
            file.write(contents[option][1])
            file.sync()
        for file in new.values():
            file.commit()


def output_options(
    table: Mapping[str, Format[T]],
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add an option for each face to a command, which gets them as ``faces``.

    Raises UsageError where two are to take standard output.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def collected(**options: Any) -> int:
            given = {option: options.pop(_name(option)) for option in table}
            files = {option: path for option, path in given.items() if path and path != _STDOUT}
            out = [option for option, path in given.items() if path == _STDOUT]
            if len(out) > 1:
                raise UsageError(f"{' and '.join(out)} cannot share standard output; name a file")
            return command(formats=Formats(table, files, *out), **options)

        for option, format_ in reversed(list(table.items())):
            add = click.option(option, _name(option), type=PATH, metavar="FILE", help=format_.help)
            collected = add(collected)
        return collected

    return decorated


def _name(option: str) -> str:
    return option.removeprefix("--") + "_file"
