"""Outputs that are no files: standard output, and the images of an engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Self

from slimmer.errors import UsageError, reason_of
from slimmer.model.forms import EngineImage
from slimmer.outputs.spool import Spool
from slimmer.programs.images import EngineError, load
from slimmer.text import printable


class NewStream:
    """What is written when all of it is there, and not at all otherwise.

    Until then it lies in a file without a name. Raises UsageError when it cannot be written.
    """

    def __init__(self, name: str, option: str):
        self.path = Path(name)
        self._option = option
        self._spool: Spool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._spool is not None:
            self._spool.close()

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        if self._spool is None:
            self._spool = Spool()
        self._spool.write(data)

    @property
    def aside(self) -> Path:
        """Where it is until it is written."""
        assert self._spool is not None  # noqa: S101 - only what was written to is anywhere
        return self._spool.place

    def sync(self) -> None:
        """Wait for nothing: no disk keeps it."""

    def retire(self) -> None:
        """Take nothing away."""

    def commit(self) -> None:
        """Write all of it."""
        assert self._spool is not None  # noqa: S101 - only what was written to is committed
        self.send(self._spool)

    def send(self, spool: Spool) -> None:
        """Write all to standard output."""
        try:
            for piece in spool.pieces():
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except OSError as error:
            raise UsageError(
                f"-: cannot write it to standard output ({reason_of(error)}); name a file"
            ) from None


class NewEngineImage(NewStream):
    """An image that an engine loads once it is whole."""

    def __init__(self, image: EngineImage, name: str, option: str):
        super().__init__(name, option)
        self._image = image

    def send(self, spool: Spool) -> None:
        """Have the engine load it."""
        try:
            load(self._image.engine, spool.pieces())
        except EngineError as error:
            raise UsageError(
                f"{printable(str(self.path))}: {self._image.engine} does not take it "
                f"({printable(str(error)).rstrip('.')}); start the engine, or name a file.tar"
            ) from None
