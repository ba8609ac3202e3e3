"""What every form of input gives: a tree, and the bytes of its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from slimmer.model.attributes import Attributes
from slimmer.model.tree import Tree

Read = Callable[[str], bytes]  # path -> the file's bytes
ReadPart = Callable[[str, int, int], bytes]  # path, offset, size -> at most that many bytes


class Source(Protocol):
    """Something with files that can be read: a folder that was scanned, or a zip.

    All of it raises InputError for what cannot be read, and for what is no longer, or never
    was, what the tree says. Paths are those of files of the tree.
    """

    @property
    def tree(self) -> Tree:
        """The files, folders and links, as they were when the source was opened."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file."""

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on.

        Less comes back only where the file ends.
        """

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""


class Rooted(Source, Protocol):
    """A source that says whose its paths are, as an image and the root of one do."""

    def attributes(self, path: str) -> Attributes:
        """Return the attributes of a path; those of a plain folder where nothing names it."""


class LayerFile(NamedTuple):
    """A file as a layer places it."""

    size_bytes: int
    crc32: int
    executable: bool


class Sibling(Source, Protocol):
    """A zip that is deployed beside an artifact, below it or above."""

    @property
    def name(self) -> str:
        """The zip's name, without folder."""

    @property
    def zip_bytes(self) -> int:
        """The size of the zip itself."""

    @property
    def unzipped_bytes(self) -> int:
        """What its files and links take when unpacked."""

    @property
    def placed(self) -> Mapping[str, LayerFile | None]:
        """What it places, by path in the zip; None for what is no file.

        This much is known without unpacking anything.
        """
