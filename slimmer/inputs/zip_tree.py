"""A zip as a source: the tree that it unpacks to, and the bytes of its files."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

from slimmer.errors import InputError
from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import Zip, ZipMember
from slimmer.inputs.base import LayerFile
from slimmer.inputs.zip_file import read_archive, read_content, read_head
from slimmer.model.times import member_ns
from slimmer.model.tree import Entry, Kind, Tree, with_folders
from slimmer.sizes import size_text
from slimmer.text import printable

MAX_UNZIPPED_BYTES = 4_000_000_000  # of all files together, sixteen times what Lambda takes
_HEAD_BYTES = 64 * 1024
_KINDS = {kind.value: kind for kind in Kind}


class ZipTree:
    """A zip whose members are read one by one, each when it is asked for."""

    def __init__(self, path: Path, archive: Zip, zip_bytes: int):
        self.path = path
        self.archive = archive
        self.zip_bytes = zip_bytes
        #: What is unpacked, by path; of members at one path the last.
        self.members = {m.path: m for m in archive.members if m.path != "."}
        self._read = lru_cache(maxsize=1)(self._read_uncached)
        self._head = lru_cache(maxsize=1)(self._head_uncached)

    @property
    def name(self) -> str:
        """The zip's name, without folder."""
        return self.path.name

    @property
    def unzipped_bytes(self) -> int:
        """What its files and links take when unpacked."""
        return sum(member.size_bytes for member in self.archive.members)

    @cached_property
    def placed(self) -> dict[str, LayerFile | None]:
        """What it places, by path; None for what is no file."""
        return {path: _placed(member) for path, member in self.members.items()}

    @cached_property
    def tree(self) -> Tree:
        """The tree that the members unpack to.

        Raises InputError for a bomb, for links that are broken, and for what must not be
        unpacked.
        """
        if self.unzipped_bytes > MAX_UNZIPPED_BYTES:
            raise InputError(
                f"{printable(str(self.path))}: it would unpack to "
                f"{size_text(self.unzipped_bytes)}, too much to read; slim diff and slim check "
                "tell of its members without"
            )
        why = find_unsafe(self.archive.members).why
        if why:
            raise InputError(f"{printable(str(self.path))}: {why}; create it again")
        return with_folders(self._entry(path, member) for path, member in self.members.items())

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError when they are broken or encrypted."""
        return self._read(path)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises as ``read``."""
        end = start + size_bytes
        if end <= _HEAD_BYTES < self.members[path].size_bytes:
            return self._head(path)[start:end]
        return self._read(path)[start:end]

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970.

        A zip may say so in UTC; else it says local time, in steps of two seconds.
        """
        member = self.members[path]
        return member_ns(member.dos_time, member.extra)

    def _read_uncached(self, path: str) -> bytes:
        return read_content(self.path, self.members[path])

    def _head_uncached(self, path: str) -> bytes:
        return read_head(self.path, self.members[path], _HEAD_BYTES)

    def _entry(self, path: str, member: ZipMember) -> Entry:
        kind = _KINDS[member.kind]
        may_run = bool((member.mode or 0) & 0o100)
        if kind is Kind.LINK:
            target = self._read_uncached(path).decode("utf-8", "surrogateescape")
            if not target or "\0" in target:
                shown = f"{printable(str(self.path))}: {printable(path)}"
                raise InputError(f"{shown} is a link to what is no path; create it again")
            return Entry(path, kind, target=target)
        return Entry(path, kind, member.size_bytes if kind is Kind.FILE else 0, may_run)


def open_zip(path: Path) -> ZipTree:
    """Return a zip as a source; only its central directory is read.

    Raises InputError when it cannot be read or is no zip.
    """
    return ZipTree(path, *read_archive(path))


def _placed(member: ZipMember) -> LayerFile | None:
    if member.kind != Kind.FILE.value:
        return None
    return LayerFile(member.size_bytes, member.crc32, bool((member.mode or 0) & 0o100))
