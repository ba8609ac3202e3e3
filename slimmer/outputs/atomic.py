"""Files that appear under their name whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO, Self

from slimmer.errors import UsageError, reason_of
from slimmer.text import printable


class Discard:
    """A sink for a dry run: takes everything, keeps nothing."""

    def write(self, data: bytes, /) -> None:
        """Take the next bytes."""


class NewFile:
    """A file that appears under its name whole, or not at all.

    It is written beside its place under a temporary name, which is made at the first
    ``write``. ``commit`` syncs it and puts it in place; leaving the ``with`` block in any
    other way removes it, and whatever stood there before stands. ``option`` is what the
    user named the file by. Raises UsageError when it cannot be written.
    """

    def __init__(self, path: Path, option: str):
        self._path = path
        self._option = option
        self._aside = path.with_name(f".slim-{secrets.token_hex(6)}.tmp")
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, data: bytes, /) -> None:
        """Append to the file that is not yet in place."""
        try:
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                self._file = os.fdopen(os.open(self._aside, flags, 0o666), "wb")
            self._file.write(data)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def aside(self) -> Path:
        """Where the file is until it is put in place."""
        return self._aside

    def sync(self) -> None:
        """Have everything that was written on the disk, where it can no longer fail."""
        self.write(b"")
        try:
            if self._file is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self._unwritable(error) from None

    def commit(self) -> None:
        """Put the file in its place, replacing what stood there."""
        self.sync()
        try:
            self._aside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk shows again when the rest is flushed
                self._file.close()
        self._aside.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> UsageError:
        reason = reason_of(error)
        where = printable(str(self._path))
        return UsageError(f"{where}: cannot write it ({reason}); choose another {self._option}")
