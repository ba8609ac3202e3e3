"""What a command says: on standard output, on standard error, and in files."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import click

from slimmer.cli.paths import real_path
from slimmer.errors import UsageError, reason_of
from slimmer.model.forms import engine_image
from slimmer.report.fit import lines_wrapped
from slimmer.report.formats import Formats

if TYPE_CHECKING:
    from slimmer.outputs.atomic import NewFile
    from slimmer.outputs.folder import NewFolder
    from slimmer.outputs.streams import NewStream

    New = NewFile | NewFolder | NewStream

STDOUT = Path("-")
OUTPUT = "--output"


class Outputs(NamedTuple):
    """The formats that a result is to be written in, by the options that name them."""

    formats: Formats
    #: The files, by the option that named each.
    files: Mapping[str, Path]
    #: The option whose format takes standard output, or nothing.
    stdout: str = ""

    @classmethod
    def of(
        cls, formats: Formats, given: Mapping[str, Path | None], output: Path | None = None
    ) -> Outputs:
        """Return the outputs for the paths that options name, and the artifact's.

        Raises UsageError where two are to take standard output.
        """
        files = {option: path for option, path in given.items() if path and path != STDOUT}
        out = [option for option, path in given.items() if path == STDOUT]
        out += [OUTPUT] if output == STDOUT else []
        if len(out) > 1:
            raise UsageError(f"{' and '.join(out)} cannot share standard output; name a file")
        return cls(formats, files, *out)

    def asks(self, *options: str) -> bool:
        """Return whether any of these options was given."""
        return any(option in self.files or option == self.stdout for option in options)

    @property
    def has_reports(self) -> bool:
        """Whether a format is written, to a file or to standard output."""
        return bool(self.files) or self.stdout not in ("", OUTPUT)

    def rendered(self, option: str, value: Any) -> bytes:
        """Return what the file of an option holds."""
        return self.formats[option.removeprefix("--")].render(value).encode()

    def contents(self, value: Any) -> dict[str, bytes]:
        """Return what each file holds, by the option that named it."""
        return {option: self.rendered(option, value) for option in self.files}

    def show(self, value: Any, text: str) -> None:
        """Print the text; to standard error where a format takes standard output."""
        if self.stdout and self.stdout != OUTPUT:
            emit(self.rendered(self.stdout, value), is_result=True)
        say(text, err=bool(self.stdout))


def emit(text: str | bytes, *, err: bool = False, is_result: bool = False) -> None:
    """Print, to standard error if ``err``; where the reader has gone, the rest is dropped.

    What a command found, and so its exit code, is the same for ``| head``. Where files are
    already written, it is the same for a full disk, too, unless the text ``is_result``.
    """
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(text, nl=False, err=err)
    except BrokenPipeError:
        _close(stream)
    except OSError as error:
        if err or is_result or not written():
            raise
        _close(stream)
        reason = reason_of(error)
        click.echo(
            f"slim: cannot write to standard output ({reason}); the files are written", err=True
        )


def say(text: str, *, err: bool = False) -> None:
    """Print what people read: on a terminal, its lines wrap between words."""
    emit(lines_wrapped(text), err=err)


def teller(*, quiet: bool) -> Callable[[str], None]:
    """Return what prints a line of progress to standard error; nothing where it is quiet."""

    def tell(line: str) -> None:
        if not quiet:
            say(f"{line}\n", err=True)

    return tell


def _close(stream: TextIO) -> None:
    """Have nothing more written to a stream; what it holds still is dropped."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def written() -> list[Path]:
    """Return the files that this run has put in their places, for what is said if it fails."""
    context = click.get_current_context(silent=True)
    found: list[Path] = context.find_root().ensure_object(list) if context else []
    return found


@contextlib.contextmanager
def new_files(files: Mapping[str, Path], folders: Collection[str] = ()) -> Iterator[dict[str, New]]:
    """Give the files that options name, each to be written and committed; the rest is undone.

    Those of the options ``folders`` are folders.
    """
    from slimmer.outputs.atomic import NewFile
    from slimmer.outputs.folder import NewFolder

    def new(option: str, path: Path) -> New:
        if option in folders:
            return NewFolder(real_path(path), option)
        image = engine_image(str(path)) if option == OUTPUT else None
        if image or path == STDOUT:
            from slimmer.outputs.streams import NewEngineImage, NewStream

            return NewEngineImage(image, str(path), option) if image else NewStream("-", option)
        return NewFile(real_path(path), option)

    with contextlib.ExitStack() as stack:
        made = {option: new(option, path) for option, path in files.items()}
        for each in made.values():
            stack.enter_context(each)
        yield made


def commit(contents: Mapping[New, bytes], artifacts: Sequence[New] = ()) -> None:
    """Put files in their places once all are whole on the disk, the artifacts first.

    No signal ends this half-way. Reports of an artifact that stood there before are taken away
    first: whatever ends the process, no artifact stands beside the report of another.
    """
    from slimmer.outputs.defer_signals import deferred_signals

    for file, data in contents.items():
        file.write(data)
        file.sync()
    reports = [file for file in contents if file not in artifacts]
    with deferred_signals():
        for file in reports if artifacts else ():
            file.retire()
        for file in [*artifacts, *reports]:
            file.commit()
            written().append(file.path)


def write_files(files: Mapping[str, Path], contents: Mapping[str, bytes]) -> None:
    """Write files, by the options that named them, and put all in their places at once."""
    if not files:
        return
    with new_files(files) as new:
        commit({file: contents[option] for option, file in new.items()})
