"""What every form of input gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from slimmer.model.tree import Tree


@dataclass(frozen=True)
class LayerFile:
    """A file as a base places it."""

    size_bytes: int
    crc32: int
    executable: bool


class BaseLayer(Protocol):
    """A layer below: its name, what it places by path, and the bytes of a file of it."""

    @property
    def name(self) -> str:
        """The zip's name, without folder."""

    @property
    def placed(self) -> Mapping[str, LayerFile | None]:
        """What it places, by path in the layer; None for what is no file."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file that it places. Raises InputError."""


class Source(Protocol):
    """A scanned tree and the bytes of its files."""

    @property
    def tree(self) -> Tree:
        """The picture taken at the scan."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises InputError."""

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises InputError."""

    def mtime_s(self, path: str) -> int:
        """Return when a file was last changed, in whole seconds since 1970."""
