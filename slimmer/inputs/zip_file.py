"""Zips on a disk: mapped, not read, and with one line for each way in which that fails."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from slimmer.errors import InputError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.measure import why_broken
from slimmer.formats.zip.reader import Zip, ZipMember, read_zip
from slimmer.formats.zip.unpack import content, head
from slimmer.parallel import shared
from slimmer.text import printable

MAX_FILE_BYTES = 1 << 30  # of a zip's file that is read; Lambda takes no quarter of it

MEMBER_BYTES = 20_000  # that are unpacked in the time that each member takes

T = TypeVar("T")


def read_archive(path: Path) -> tuple[Zip, int]:
    """Return what a zip holds, from its central directory, and its size in bytes.

    Raises InputError when it cannot be read or is no zip.
    """
    with mapped(path) as data:
        return read_zip(data), len(data)


def read_content(path: Path, member: ZipMember) -> bytes:
    """Return the bytes of a member of a zip. Raises InputError when they are broken."""
    with mapped(path) as data:
        return content(data, member, MAX_FILE_BYTES)


def read_head(path: Path, member: ZipMember, size_bytes: int) -> bytes:
    """Return the first bytes of a member of a zip; no more than these are unpacked.

    Raises InputError when they are broken.
    """
    with mapped(path) as data:
        return head(data, member, size_bytes)


def look_into(path: Path, look: Callable[[Data, Zip], T]) -> tuple[Zip, int, T]:
    """Return as ``read_archive`` does, and what ``look`` makes of the zip's bytes."""
    with mapped(path) as data:
        archive = read_zip(data)
        return archive, len(data), look(data, archive)


def check_members(path: Path, archive: Zip) -> None:
    """Raise InputError where a member does not unpack to what the zip says of it.

    One that is encrypted, or packed by another method than deflate, is not looked at.
    """
    members = archive.members
    with mapped(path) as data:
        costs = [member.size_bytes + MEMBER_BYTES for member in members]
        for reason in shared(costs, lambda number: why_broken(data, members[number])):
            if reason:
                raise FormatError(reason)


@contextmanager
def mapped(path: Path, wanted: str = "a zip") -> Iterator[mmap.mmap]:
    """Map the bytes of a zip for as long as the block runs; ``wanted`` is what could be named.

    Raises InputError when it cannot be read. A FormatError in the block becomes one, too.
    """
    name = printable(str(path))
    try:
        if not path.is_file():
            what = "not a file" if path.exists() else "no such file"
            raise InputError(f"{name}: {what}; name {wanted}")
        with path.open("rb") as file, _map(file) as data:
            yield data
    except FormatError as error:
        raise InputError(f"{name}: cannot be read as a zip ({error}); create it again") from None
    except OSError as error:
        reason = reason_of(error)
        raise InputError(
            f"{name}: cannot be read ({reason}); change its mode or name another"
        ) from None


def _map(file: BinaryIO) -> mmap.mmap:
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        raise FormatError("it is empty") from None
