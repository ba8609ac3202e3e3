"""What is searched for secrets: the files of a tree or of a zip, whole or in pieces."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import deflate

from slimmer.formats import FormatError
from slimmer.formats.zip.reader import Data, Zip, ZipMember
from slimmer.formats.zip.records import DEFLATED
from slimmer.formats.zip.unpack import content, pieces
from slimmer.inputs.base import Source
from slimmer.model.tree import Entry, Kind, Tree, with_folders
from slimmer.model.tree_links import resolve
from slimmer.secrets.kinds import SecretRules

_MAX_LINK_BYTES = 4096  # PATH_MAX
_QUICK_BYTES = 8 * 1024 * 1024  # a larger file is worth no memory before it is known to be one


@dataclass(frozen=True)
class TreeFiles:
    """The files of a source. What cannot be read of one is an InputError."""

    source: Source

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The size of each file in bytes, by its path."""
        return {e.path: e.size_bytes for e in self.source.tree.entries if e.kind is Kind.FILE}

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises InputError."""
        return self.source.read(path)

    def pieces(self, path: str, piece_bytes: int) -> Iterator[bytes]:
        """Yield a file's bytes, at most so many at once. Raises InputError."""
        for start in range(0, self.sizes[path], piece_bytes):
            yield self.source.read_part(path, start, piece_bytes)


@dataclass(frozen=True)
class ZipFiles:
    """The files of a zip in memory or in a map.

    Of a name that is there more than once, the last member has it; the others, which some
    programs would unpack, stand under the name, a NUL and a number.
    """

    data: Data
    archive: Zip

    @cached_property
    def _members(self) -> dict[str, ZipMember]:
        found: dict[str, ZipMember] = {}
        for number, member in enumerate(self.archive.members):
            if member.kind == "file":
                if member.name in found:
                    found[f"{member.name}\0{number}"] = found[member.name]
                found[member.name] = member
        return found

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The unpacked size of each file in bytes, by its name."""
        return {name: member.size_bytes for name, member in self._members.items()}

    def read(self, path: str) -> bytes:
        """Return the unpacked bytes of a file. Raises FormatError."""
        member = self._members[path]
        plain = _quickly(self.data, member)
        return content(self.data, member, self.sizes[path]) if plain is None else plain

    def pieces(self, path: str, piece_bytes: int) -> Iterator[bytes]:
        """Yield the unpacked bytes of a file, at most so many at once. Raises FormatError."""
        return pieces(self.data, self._members[path], piece_bytes)

    def places(self, rules: SecretRules) -> Iterator[tuple[str, str]]:
        """Yield the path of each file and where its bytes are; links by which one is named too."""
        for name in self._members:
            yield name.partition("\0")[0], name
        for member in self.archive.members:
            if member.kind == "link" and rules.is_named(member.name):
                end = self._end(member)
                if end is not None:
                    yield member.name, end

    def _end(self, link: ZipMember) -> str | None:
        """Return the name of the file that a link leads to, None where it leads to none."""
        target = self._target(link)
        if not target or target.startswith("/"):
            return None
        tree, names = self._unpacked
        end = resolve(tree, posixpath.join(posixpath.dirname(link.name), target)).end
        return names.get(end) if end is not None else None

    @cached_property
    def _unpacked(self) -> tuple[Tree, dict[str, str]]:
        """The tree that the zip unpacks to, and the name of the file at each path in it."""
        names = {posixpath.normpath(name): name for name in self._members}
        entries = [
            Entry(posixpath.normpath(member.name), Kind.LINK, target=self._target(member))
            for member in self.archive.members
            if member.kind == "link"
        ]
        return with_folders([*entries, *(Entry(path, Kind.FILE) for path in names)]), names

    def _target(self, link: ZipMember) -> str:
        """Return what a link says, or "" where that cannot be read."""
        try:
            return content(self.data, link, _MAX_LINK_BYTES).decode("utf-8", "surrogateescape")
        except FormatError:
            return ""


Files = TreeFiles | ZipFiles


def _quickly(data: Data, member: ZipMember) -> bytes | None:
    """Return the unpacked bytes of a member in a third of zlib's time; None where that fails.

    A search may overlook what stands behind the packed data; whoever unpacks it does so too.
    """
    if member.encrypted or member.method != DEFLATED or member.size_bytes > _QUICK_BYTES:
        return None
    packed = data[member.data_offset : member.data_offset + member.compressed_bytes]
    try:
        plain = bytes(deflate.deflate_decompress(packed, member.size_bytes))
    except deflate.DeflateError:
        return None
    is_whole = len(plain) == member.size_bytes and deflate.crc32(plain) == member.crc32
    return plain if is_whole else None
