"""The zips beside an artifact: their sizes for the caps, and what a base places."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

from slimmer.errors import InputError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.zip.reader import Data, Zip, ZipMember, read_zip
from slimmer.formats.zip.unpack import content, pieces
from slimmer.inputs.base import LayerFile
from slimmer.text import printable

MAX_FILE_BYTES = 1 << 30  # of a base's file that is compared; Lambda takes no quarter of it

T = TypeVar("T")


@dataclass(frozen=True)
class SiblingZip:
    """A layer's zip, opened anew for each file that is read from it."""

    path: Path
    archive: Zip
    zip_bytes: int

    @property
    def unzipped_bytes(self) -> int:
        """What its files and links take when unpacked."""
        return sum(member.size_bytes for member in self.archive.members)

    @property
    def name(self) -> str:
        """The zip's name, without folder."""
        return self.path.name

    @cached_property
    def placed(self) -> dict[str, LayerFile | None]:
        """What it places, by path; None for what is no file."""
        return {
            member.name.rstrip("/"): (
                LayerFile(member.size_bytes, member.crc32, bool((member.mode or 0) & 0o100))
                if member.kind == "file"
                else None
            )
            for member in self.archive.members
        }

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of it. Raises InputError when they are broken."""
        return read_content(self.path, self._members[path])

    @cached_property
    def _members(self) -> dict[str, ZipMember]:
        return {member.name: member for member in self.archive.members}


def read_sibling(path: Path) -> SiblingZip:
    """Return a zip that is deployed beside an artifact, from its central directory.

    Raises InputError when it cannot be read or is no zip.
    """
    archive, zip_bytes = read_archive(path)
    return SiblingZip(path, archive, zip_bytes)


def read_archive(path: Path) -> tuple[Zip, int]:
    """Return what a zip holds, from its central directory, and its size in bytes.

    Raises InputError when it cannot be read or is no zip.
    """
    return _reading(path, lambda data: (read_zip(data), len(data)))


def read_content(path: Path, member: ZipMember) -> bytes:
    """Return the bytes of a member of a zip. Raises InputError when they are broken."""
    return _reading(path, lambda data: content(data, member, MAX_FILE_BYTES))


def read_head(path: Path, member: ZipMember, size_bytes: int) -> bytes:
    """Return the first bytes of a member of a zip; no more than these are unpacked.

    Raises InputError when they are broken.
    """

    def use(data: Data) -> bytes:
        head = b""
        for piece in pieces(data, member, size_bytes):
            head += piece
            if len(head) >= size_bytes:
                break
        return head[:size_bytes]

    return _reading(path, use)


def look_into(path: Path, look: Callable[[Data, Zip], T]) -> tuple[Zip, int, T]:
    """Return as ``read_archive`` does, and what ``look`` makes of the zip's bytes."""

    def use(data: mmap.mmap) -> tuple[Zip, int, T]:
        archive = read_zip(data)
        return archive, len(data), look(data, archive)

    return _reading(path, use)


def _map(file: BinaryIO) -> mmap.mmap:
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _reading(path: Path, use: Callable[[mmap.mmap], T]) -> T:
    """Return what ``use`` makes of a file's bytes, which are mapped, not read."""
    name = printable(str(path))
    try:
        if not path.is_file():
            what = "not a file" if path.exists() else "no such file"
            raise InputError(f"{name}: {what}; name a zip")
        with path.open("rb") as file, _map(file) as data:
            return use(data)
    except FormatError as error:
        raise InputError(f"{name}: no zip that can be read ({error}); make it anew") from None
    except ValueError:  # an empty file cannot be mapped
        raise InputError(f"{name}: no zip that can be read (it is empty); make it anew") from None
    except OSError as error:
        reason = reason_of(error)
        raise InputError(
            f"{name}: cannot be read ({reason}); mend its mode or name another"
        ) from None
