"""Files that appear under their name whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Self

from slimmer.errors import UsageError, reason_of
from slimmer.outputs import leftovers
from slimmer.outputs.defer_signals import deferred_signals
from slimmer.text import printable

_START, _END = ".slim-", ".tmp"


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
        self.path = path
        self._option = option
        self._aside: Path | None = None
        self._file: BinaryIO | None = None
        self._retired: Path | None = None
        self._is_in_place = False
        self._old: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, data: bytes, /) -> None:
        """Append to the file that is not yet in place."""
        try:
            if self._file is None:
                leftovers.clear(self.path.parent, _START, _END, Path.unlink)
                with deferred_signals():
                    made = leftovers.make(self.path.parent, _START, _END, _create)
                    self._aside, handle = made
                    self._file = os.fdopen(handle, "wb")
                _take_mode(handle, self.path)
            self._file.write(data)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def aside(self) -> Path:
        """Where the file is until it is put in place."""
        assert self._aside is not None  # noqa: S101 - only what was written to is anywhere
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

    def retire(self) -> None:
        """Take away what stands in the place; it comes back if nothing new takes its place."""
        try:
            self._old = self.path.open("rb")
            leftovers.hold(self._old.fileno())
            retired = leftovers.name_in(self.path.parent, _START, _END)
            self.path.replace(retired)
            self._retired = retired
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from None

    def commit(self) -> None:
        """Put the file in its place, replacing what stood there."""
        self.sync()
        try:
            self.aside.replace(self.path)
            self._is_in_place = True
            _sync_folder(self.path.parent)
        except OSError as error:
            raise self._unwritable(error) from None

    def __exit__(self, *_: object) -> None:
        with deferred_signals():
            self._close()

    def _close(self) -> None:
        """Remove what is not in its place, and bring back what was taken away."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk shows again when the rest is flushed
                self._file.close()
        if self._retired is not None and self._is_in_place:
            self._retired.unlink(missing_ok=True)
        elif self._retired is not None:
            self._retired.replace(self.path)
        if self._aside is not None and not self._is_in_place:
            with contextlib.suppress(OSError):  # where it could not be written either
                self._aside.unlink()
        if self._old is not None:
            self._old.close()

    def _unwritable(self, error: OSError) -> UsageError:
        where = printable(str(self.path))
        return UsageError(
            f"{where}: cannot write it ({reason_of(error)}); choose another {self._option}"
        )


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)


def _take_mode(handle: int, path: Path) -> None:
    """Give a new file the mode of the one that it is to replace."""
    with contextlib.suppress(FileNotFoundError):
        if hasattr(os, "fchmod"):  # not on Windows
            os.fchmod(handle, stat.S_IMODE(path.stat().st_mode) & 0o777)


def _sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk, where its file system can do that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
