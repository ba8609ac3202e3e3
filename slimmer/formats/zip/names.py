"""Names in zips: where one is unpacked, and which must not be. The one law of what is safe.

Names are compared as paths, without what changes nothing in them: ``./a``, ``a`` and ``x/../a``
would be one file. Build, check, verify and all that read a zip ask here.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from slimmer.paths import parents

MAX_NAME_BYTES = 4096  # as long as a path may be on Linux, PATH_MAX
MAX_PART_BYTES = 255  # as long as each name in it may be, NAME_MAX

_TOO_LONG = "a name that is too long for a file"
_NOT_UTF8 = "a name that is not UTF-8, of which each unpacker makes another"
_DRIVE = re.compile("[A-Za-z]:")
_NOT_NORMAL = re.compile(r"//|(?:^|/)\.{1,2}(?:/|$)")


class Named(Protocol):
    """What is asked of a member of a zip."""

    @property
    def name(self) -> str:
        """Its name, as the zip has it."""

    @property
    def path(self) -> str:
        """Where it is unpacked."""

    @property
    def kind(self) -> str:
        """file, directory, link or special."""

    @property
    def mode(self) -> int | None:
        """The permission bits, None where the zip was not made on Unix."""


class Unsafe(NamedTuple):
    """The members that must not be unpacked, by what is wrong with them."""

    #: That lead out of the folder, or through what is no folder, or that no file can have.
    names: tuple[str, ...]
    #: The paths that more than one member has.
    duplicates: tuple[str, ...]
    #: That are neither file, folder nor link.
    kinds: tuple[str, ...]

    @property
    def why(self) -> str:
        """What is wrong first, of which member; empty for a zip in which all is safe."""
        if self.duplicates:
            return f"two members have the name {self.duplicates[0]!r}"
        if self.names:
            named = is_unsafe(self.names[0])
            if named in (_TOO_LONG, _NOT_UTF8):
                return f"{self.names[0][:100]!r} is {named}"
            return f"{self.names[0]!r} leads outside, or through a link or a file"
        return f"{self.kinds[0]!r} is neither a file, a folder nor a link" if self.kinds else ""


def normal(name: str, *, is_unix: bool = True) -> str:
    """Return where a member is unpacked: ``./a//b/`` is at ``a/b``.

    A zip that was not made on Unix may have backslashes between the parts.
    """
    if not is_unix:
        name = name.replace("\\", "/")
    if "/." in name or "//" in name or name.startswith("."):  # few are, and fewer of these count
        name = posixpath.normpath(name) if _NOT_NORMAL.search(name) else name
    return name.rstrip("/")


def is_unsafe(name: str) -> str:
    """Return why a name must not be unpacked; empty for one that stays in its folder."""
    if not name.rstrip("/"):
        return "an empty name"
    if "\0" in name:
        return "a name with a NUL in it"
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "an absolute name"
    if len(name) > MAX_PART_BYTES // 4 and any(
        len(part.encode("utf-8", "surrogateescape")) > MAX_PART_BYTES for part in name.split("/")
    ):
        return _TOO_LONG
    if not name.isascii() and any("\udc80" <= character <= "\udcff" for character in name):
        return _NOT_UTF8
    if ".." in name.replace("\\", "/").split("/"):
        return "a name that climbs out"
    return ""


def find_unsafe(members: Iterable[Named]) -> Unsafe:
    """Return the members that must not be unpacked."""
    members = list(members)
    counts = Counter(member.path for member in members)
    below = _below_no_folder(members)
    return Unsafe(
        names=tuple(m.name for m in members if why_unsafe(m) or m.path in below),
        duplicates=tuple(sorted(path for path, count in counts.items() if count > 1)),
        kinds=tuple(m.name for m in members if m.kind == "special"),
    )


def why_unsafe(member: Named) -> str:
    """Return why a member's name must not be unpacked, as ``is_unsafe`` does.

    A backslash made on another system than Unix is a slash to some unpackers and a letter to
    others.
    """
    if "\\" in member.name and member.mode is None:
        return "a name with a backslash"
    if member.path == "." and member.kind != "directory":
        return "the name of a folder"
    return is_unsafe(member.name)


def _below_no_folder(members: Iterable[Named]) -> set[str]:
    """Return the paths that lie below a file or a link."""
    no_folders = {member.path for member in members if member.kind != "directory"}
    folders: set[str] = set()
    wrong = set()
    for member in members:
        for above in parents(member.path):
            if above in folders:
                break
            if above in no_folders:
                wrong.add(member.path)
                break
            folders.add(above)
    return wrong
