"""A file without a name that takes bytes until they are wanted, so that they take no memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from slimmer.errors import UsageError, reason_of
from slimmer.text import printable

_PIECE_BYTES = 1024 * 1024


class Spool:
    """Takes bytes, and gives them back in order. Raises UsageError where there is no room."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed on leaving
        except OSError as error:
            raise _full(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up what it holds."""
        self._file.close()

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) or 0 :]
        except OSError as error:
            raise _full(error) from None

    @property
    def place(self) -> Path:
        """Where this process can open it, once all is in it."""
        return Path(f"/dev/fd/{self._file.fileno()}")

    def pieces(self) -> Iterator[bytes]:
        """Yield all that was written."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE_BYTES):
            yield piece


def _full(error: OSError) -> UsageError:
    where = printable(tempfile.gettempdir())
    return UsageError(
        f"{where}: cannot hold the new layer ({reason_of(error)}); make room there, or set TMPDIR"
    )
