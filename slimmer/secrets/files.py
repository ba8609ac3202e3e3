"""What is searched for secrets: the files of a tree or of a zip, whole or in pieces."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.measure import unpacked_quickly
from slimmer.formats.zip.names import normal
from slimmer.formats.zip.reader import Zip, ZipMember
from slimmer.formats.zip.unpack import content, link_targets, pieces
from slimmer.inputs.base import Source
from slimmer.model.tree import Entry, Kind, Tree, with_folders
from slimmer.model.tree_links import resolve
from slimmer.secrets.kinds import SecretRules

MAX_RECORD_BYTES = 16 * 1024 * 1024  # of a file that says what is published
_QUICK_BYTES = 8 * 1024 * 1024  # a larger file is worth no memory before it is known to be one


@dataclass(frozen=True, eq=False, repr=False)
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


@dataclass(frozen=True, eq=False, repr=False)
class ZipFiles:
    """The files of a zip in memory or in a map, by their paths.

    Of a path that is there more than once, the last member has it; the others, which some
    programs would unpack, stand under the path, a NUL and a number.
    """

    data: Data
    archive: Zip
    #: Where the members begin that were read and are what the zip says.
    whole: set[int] = field(default_factory=set)

    @cached_property
    def members(self) -> dict[str, ZipMember]:
        """The member of each file, by its path."""
        found: dict[str, ZipMember] = {}
        for number, member in enumerate(self.archive.members):
            if member.kind == "file" or (member.kind == "special" and member.size_bytes):
                if member.path in found:
                    found[f"{member.path}\0{number}"] = found[member.path]
                found[member.path] = member
        return found

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The unpacked size of each file in bytes, by its path."""
        return {name: member.size_bytes for name, member in self.members.items()}

    def read(self, path: str) -> bytes:
        """Return the unpacked bytes of a file. Raises FormatError."""
        member = self.members[path]
        plain = unpacked_quickly(self.data, member, _QUICK_BYTES)
        if plain is None:
            plain = content(self.data, member, self.sizes[path])
        self.whole.add(member.header_offset)
        return plain

    def pieces(self, path: str, piece_bytes: int) -> Iterator[bytes]:
        """Yield the unpacked bytes of a file, at most so many at once. Raises FormatError."""
        return pieces(self.data, self.members[path], piece_bytes)

    def places(self, rules: SecretRules) -> Iterator[tuple[str, str]]:
        """Yield the path of each file and where its bytes are; links by which one is named too."""
        for name in self.members:
            yield name.partition("\0")[0], name
        for member in self.archive.members:
            if member.kind == "link" and rules.is_named(member.path):
                end = self._end(member)
                if end is not None:
                    yield member.path, end

    def _end(self, link: ZipMember) -> str | None:
        """Return the name of the file that a link leads to, None where it leads to none."""
        target = self._targets[link.path]
        if not target or target.startswith("/"):
            return None
        end = resolve(self._tree, posixpath.join(posixpath.dirname(link.path), target)).end
        return end if end in self.members else None

    @cached_property
    def _tree(self) -> Tree:
        """The tree that the zip unpacks to."""
        entries = [
            Entry(member.path, Kind.LINK, target=self._targets[member.path])
            for member in self.archive.members
            if member.kind == "link"
        ]
        return with_folders([*entries, *(Entry(path, Kind.FILE) for path in self.members)])

    @cached_property
    def _targets(self) -> dict[str, str]:
        return link_targets(self.data, self.archive)


@dataclass(frozen=True, eq=False, repr=False)
class BytesFiles:
    """Files in memory, each with its name; of a name that is there twice both are kept."""

    rows: tuple[tuple[str, bytes], ...]
    #: The folder that they are known in by their names: that of a file which was compressed.
    folder: str = ""

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for number, (name, data) in enumerate(self.rows):
            path = normal(name)
            found[f"{path}\0{number}" if path in found else path] = data
        return found

    @cached_property
    def sizes(self) -> dict[str, int]:
        """The size of each file in bytes, by its path."""
        return {path: len(data) for path, data in self._contents.items()}

    def read(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self._contents[path]

    def pieces(self, path: str, piece_bytes: int) -> Iterator[bytes]:
        """Yield a file's bytes, at most so many at once."""
        data = self._contents[path]
        return (data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes))

    def places(self, _rules: SecretRules) -> Iterator[tuple[str, str]]:
        """Yield the path of each file and where its bytes are."""
        return ((path.partition("\0")[0], path) for path in self._contents)


Files = TreeFiles | ZipFiles | BytesFiles
