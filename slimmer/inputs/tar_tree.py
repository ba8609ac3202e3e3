"""A tar as a source, compressed or not: the tree that it unpacks to, and its files' bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.tar import FOLDER, HARD_LINK, LINK, SPECIAL, TarMember, is_tar
from slimmer.formats.zip.names import is_unsafe, normal
from slimmer.inputs.extent import Extent, opened, unpacked
from slimmer.inputs.zip_tree import MAX_UNZIPPED_BYTES
from slimmer.model.attributes import PLAIN_FOLDER, Attributes
from slimmer.model.tree import Entry, Kind, with_folders
from slimmer.paths import parents
from slimmer.sizes import size_text
from slimmer.text import printable

_HEAD_BYTES = 512


class Placed(NamedTuple):
    """What lies at a path, and where its bytes are."""

    entry: Entry
    mtime_ns: int
    #: Of a file.
    data: Extent | None
    attributes: Attributes = PLAIN_FOLDER


class StoredTree:
    """A tree whose files lie in archives, each read in place."""

    def __init__(self, path: Path, placed: Mapping[str, Placed]):
        self.path = path
        self.tree = with_folders(item.entry for item in placed.values())
        self._placed = placed

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises InputError where the archive has changed."""
        data = self._data(path)
        return data.read(0, data.size_bytes)

    def read_part(self, path: str, start: int, size_bytes: int) -> bytes:
        """Return at most so many bytes of a file, from an offset on. Raises as ``read``."""
        return self._data(path).read(start, size_bytes)

    def mtime_ns(self, path: str) -> int:
        """Return when a file was last changed, in nanoseconds since 1970."""
        return self._placed[path].mtime_ns

    def mode(self, path: str) -> int:
        """Return the permission bits of what the archive has at a path."""
        placed = self._placed.get(path)
        return placed.attributes.mode if placed else PLAIN_FOLDER.mode

    def _data(self, path: str) -> Extent:
        data = self._placed[path].data
        assert data is not None  # noqa: S101 - the tree says which paths are files
        return data


def tar_data(path: Path) -> Extent:
    """Return the bytes of a tar, unpacked if it is compressed. Raises FormatError for none."""
    data = unpacked(opened(path), str(path), MAX_UNZIPPED_BYTES)
    if not is_tar(data.read(0, _HEAD_BYTES)):
        raise FormatError("no tar is in it")
    return data


def place(member: TarMember, path: str, data: Extent, layer: int = 0) -> Placed:
    """Return what a member that is no hard link places at a path; ``data`` is the layer's tar."""
    kind = {LINK: Kind.LINK, FOLDER: Kind.DIRECTORY, SPECIAL: Kind.SPECIAL}.get(
        member.kind, Kind.FILE
    )
    may_run = kind is Kind.FILE and bool(member.mode & 0o100)
    entry = Entry(path, kind, member.size_bytes, may_run, member.target)
    if kind is Kind.LINK and not member.target:
        raise FormatError(f"{printable(path)} is a link to nothing")
    own = data.within(member.start, member.size_bytes) if kind is Kind.FILE else None
    attributes = Attributes(
        mode=member.mode,
        owner=member.owner,
        xattrs=member.xattrs,
        target=member.target,
        code=member.code,
        device=member.device,
        number=(layer, member.start),
    )
    return Placed(entry, member.mtime_ns, own, attributes)


def tree_of_tar(members: Iterable[TarMember], data: Extent, path: Path) -> StoredTree:
    """Return the tree that a tar unpacks to: of two members with one name the later, as tar does.

    Raises FormatError for what must not be unpacked, InputError for a bomb and where it is empty.
    """
    placed: dict[str, Placed] = {}
    total_bytes = 0
    for member in members:
        if member.kind == FOLDER and normal(member.name) in ("", "."):
            continue
        inside = _checked(member.name)
        if member.kind == HARD_LINK:
            to = placed.get(_checked(member.target))
            if to is None or to.entry.kind not in (Kind.FILE, Kind.LINK):
                raise FormatError(f"{printable(inside)} is a hard link to what is not there")
            placed[inside] = to._replace(entry=to.entry._replace(path=inside))
        else:
            placed[inside] = place(member, inside, data)
        total_bytes += placed[inside].entry.size_bytes
        if total_bytes > MAX_UNZIPPED_BYTES:
            raise InputError(
                f"{printable(str(path))}: it would unpack to more than "
                f"{size_text(MAX_UNZIPPED_BYTES)}, too much to read"
            )
    _check_folders(placed)
    if not placed:
        raise InputError(f"{printable(str(path))}: the tar is empty; there is nothing to pack")
    return StoredTree(path, placed)


def _checked(name: str) -> str:
    """Return where a member is unpacked. Raises FormatError for what must not be."""
    path = normal(name)
    if is_unsafe(name) or path == ".":
        raise FormatError(f"{printable(name)} leads outside, or is no name of a file")
    return path


def _check_folders(placed: Mapping[str, Placed]) -> None:
    """Raise FormatError where a member lies below what is no folder."""
    for path in placed:
        for above in parents(path):
            if above in placed and placed[above].entry.kind is not Kind.DIRECTORY:
                raise FormatError(f"{printable(path)} leads through a link or a file")
