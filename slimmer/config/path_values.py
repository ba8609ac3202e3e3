"""How paths are written on the command line and in slim.toml."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slimmer.config.values import Value

if TYPE_CHECKING:
    from slimmer.toml import Table


@dataclass(frozen=True)
class Inline:
    """JSON that stands on the command line itself, or that came from standard input."""

    #: What the JSON is called where it is told of: ``-`` for standard input, else empty.
    name: str
    text: bytes


class Role(enum.Enum):
    """What a command does with the file that a path names."""

    IN = "in"
    OUT = "out"


@dataclass(eq=False, repr=False)
class PathOf(Value[Any]):
    """The path of a file or folder that is read or written; only on the command line."""

    role: Role = Role.IN
    required: bool = False
    #: The switch with which a file that is read is written too; empty for none.
    written_with: str = ""

    def given(self, option: str, raw: Any) -> Any:  # noqa: ARG002 - paths are looked at later
        """Return the path, or the paths."""
        return raw


@dataclass(eq=False, repr=False)
class FileOrFolderOf(PathOf):
    """The path of a file, or of a folder where a slash ends it."""


@dataclass(eq=False, repr=False)
class JsonOf(PathOf):
    """The path of a JSON file, the JSON itself, or ``-`` for standard input."""


@dataclass(eq=False, repr=False)
class FileOf(PathOf):
    """The path of a file that is read, which a file of settings can name too."""

    def given(self, option: str, raw: Any) -> str:  # noqa: ARG002 - paths are looked at later
        """Return the path as it is written; empty without one."""
        return str(raw)

    def written(self, table: Table, key: str) -> str:
        """Return the path under a key."""
        return table.text(key)
