"""Folders that appear under their name whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from slimmer.errors import UsageError, reason_of
from slimmer.folders import remove
from slimmer.model.attributes import SPECIAL_TYPES, Attributes
from slimmer.outputs import leftovers
from slimmer.outputs.defer_signals import deferred_signals
from slimmer.text import printable

_START, _END = ".slim-", ".tmp"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_MODES = 0o777


class NewFolder:
    """A folder that appears under its name whole, or not at all.

    It is made beside its place under a temporary name. ``commit`` puts it in place, where nothing
    or an empty folder may stand; leaving the ``with`` block in any other way removes it. ``option``
    is what the user named it by. Raises UsageError when it cannot be written.
    """

    def __init__(self, path: Path, option: str):
        self.path = path
        self._option = option
        self._aside: Path | None = None
        self._handle = -1
        self._is_in_place = False
        self._is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        self._modes: list[tuple[Path, int]] = []
        #: The devices, and the attributes, that could not be made here, by path.
        self.left_out: list[str] = []

    def __enter__(self) -> Self:
        if self.path.is_dir() and next(self.path.iterdir(), None) is not None:
            raise UsageError(
                f"{printable(str(self.path))}: {self._option} names a folder that is not empty; "
                "remove it, or choose another"
            )
        return self

    @property
    def aside(self) -> Path:
        """Where the folder is until it is put in place."""
        if self._aside is None:
            try:
                leftovers.clear(self.path.parent, _START, _END, remove)
                with deferred_signals():
                    made = leftovers.make(self.path.parent, _START, _END, _create)
                    self._aside, self._handle = made
            except OSError as error:
                raise self._unwritable(error) from None
        return self._aside

    def write(self, data: bytes, /) -> None:
        """Take no bytes: a folder has none of its own."""
        assert not data  # noqa: S101 - only files are written to

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file; the folders that it lies in are made."""
        place = self.aside / name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, pieces)
            place.chmod(0o644)
            for folder in place.relative_to(self.aside).parents:
                (self.aside / folder).chmod(0o755)
        except OSError as error:
            raise self._unwritable(error) from None

    def add_folder(self, path: str, attributes: Attributes) -> None:
        """Make a folder; its mode is set when all is in it."""
        place = self._at(path)
        try:
            place.mkdir(0o700)
            self._own(place, path, attributes)
        except OSError as error:
            raise self._unwritable(error) from None

    def add_file(self, path: str, attributes: Attributes, data: bytes, time_s: int) -> None:
        """Write a file whose folder is there; its time may be what a runtime compares."""
        place = self._at(path)
        try:
            _write(place, (data,))
            self._own(place, path, attributes)
            os.utime(place, (time_s, time_s))
        except OSError as error:
            raise self._unwritable(error) from None

    def add_link(self, path: str, attributes: Attributes) -> None:
        """Make a symbolic link."""
        place = self._at(path)
        try:
            place.symlink_to(os.fsdecode(attributes.target.encode("utf-8", "surrogateescape")))
            if self._is_root:
                os.chown(place, *attributes.owner, follow_symlinks=False)
        except OSError as error:
            raise self._unwritable(error) from None

    def add_hard_link(self, path: str, to: str) -> None:
        """Give a file that is there a further name."""
        try:
            os.link(self._at(to), self._at(path), follow_symlinks=False)
        except OSError as error:
            raise self._unwritable(error) from None

    def add_special(self, path: str, attributes: Attributes) -> None:
        """Make a device or pipe, where that is allowed here; a socket is made by its server."""
        place = self._at(path)
        if attributes.code not in SPECIAL_TYPES:
            self.left_out.append(path)
            return
        try:
            os.mknod(place, SPECIAL_TYPES[attributes.code] | 0o600, os.makedev(*attributes.device))
            self._own(place, path, attributes)
        except OSError:
            self.left_out.append(path)

    def sync(self) -> None:
        """Set the modes of folders, the innermost first."""
        try:
            for place, mode in reversed(self._modes):
                place.chmod(mode)
            self._modes = []
        except OSError as error:
            raise self._unwritable(error) from None

    def retire(self) -> None:
        """Take nothing away: only an empty folder may stand in the place."""

    def commit(self) -> None:
        """Put the folder in its place."""
        self.sync()
        try:
            self.aside.replace(self.path)
            self._is_in_place = True
        except OSError as error:
            raise self._unwritable(error) from None

    def __exit__(self, *_: object) -> None:
        with deferred_signals():
            if self._aside is not None and not self._is_in_place:
                with contextlib.suppress(OSError):
                    remove(self._aside)
            if self._handle >= 0:
                os.close(self._handle)

    def _at(self, path: str) -> Path:
        return self.aside / os.fsdecode(path.encode("utf-8", "surrogateescape"))

    def _own(self, place: Path, path: str, attributes: Attributes) -> None:
        """Give a file or folder its owner and mode; only root may give it another's."""
        mode = attributes.mode & _MODES
        if self._is_root:
            os.chown(place, *attributes.owner)
            mode = attributes.mode
        for name, value in attributes.xattrs if hasattr(os, "setxattr") else ():
            try:
                os.setxattr(place, name, value)
            except OSError:
                self.left_out.append(path)
        if place.is_dir():
            self._modes.append((place, mode))
        else:
            place.chmod(mode)

    def _unwritable(self, error: OSError) -> UsageError:
        where = printable(str(self.path))
        return UsageError(
            f"{where}: cannot write it ({reason_of(error)}); choose another {self._option}"
        )


def _write(place: Path, pieces: Iterable[bytes]) -> None:
    handle = os.open(place, _NEW, 0o600)
    try:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def _create(path: Path) -> int:
    path.mkdir(0o755)
    return os.open(path, os.O_RDONLY)


class DiscardFolder(NewFolder):
    """A folder for a dry run: takes everything, keeps nothing."""

    def __init__(self) -> None:
        super().__init__(Path(), "")

    def add(self, name: str, pieces: Iterable[bytes]) -> None:  # noqa: ARG002 - nothing is kept
        """Take a file."""
        for _ in pieces:
            pass

    def add_folder(self, path: str, attributes: Attributes) -> None:
        """Take a folder."""

    def add_file(self, path: str, attributes: Attributes, data: bytes, time_s: int) -> None:
        """Take a file."""

    def add_link(self, path: str, attributes: Attributes) -> None:
        """Take a symbolic link."""

    def add_hard_link(self, path: str, to: str) -> None:
        """Take a further name of a file."""

    def add_special(self, path: str, attributes: Attributes) -> None:
        """Take a device or pipe."""
