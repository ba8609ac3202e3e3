"""Artifacts, zips or folders, become files on a disk: inside one folder, or not at all.

What there will be is decided before (:mod:`slimmer.verify.merge`). Links are made last, so
that nothing is ever written through one.
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from slimmer.errors import InputError, reason_of
from slimmer.formats import FormatError
from slimmer.formats.zip.reader import ZipMember, read_zip
from slimmer.formats.zip.unpack import content
from slimmer.inputs.folder import Folder, scan
from slimmer.inputs.zip_file import mapped
from slimmer.model.times import member_ns
from slimmer.model.tree import Kind
from slimmer.paths import join
from slimmer.text import printable
from slimmer.verify.merge import Item, check_bounds, check_links, check_zip, merge
from slimmer.verify.model import ArtifactRef, Bounds

_FOLDER_MODE = 0o755
_READ, _RUN = 0o644, 0o755


@dataclass(frozen=True)
class Opened:
    """An artifact that can be read: its items by path, and a way to their bytes."""

    name: str
    items: Mapping[str, Item]
    read: Callable[[str], bytes]
    mtime_ns: Callable[[str], int]
    is_zip: bool


def unpack(artifacts: Sequence[ArtifactRef], dest: Path, place: str, bounds: Bounds) -> int:
    """Unpack artifacts over each other into the new folder ``dest``; return their bytes.

    ``place`` is where the function will see it (``/opt``), and ``bounds`` what may come out
    of all. Raises InputError for an artifact that cannot be read, is unsafe or is too large;
    then nothing of it was written.
    """
    name = printable(", ".join(Path(given.path).name for given in artifacts)) or place
    with ExitStack() as stack:
        opened = [
            stack.enter_context(_open(at, given, bounds)) for at, given in enumerate(artifacts)
        ]
        sizes = [item.size_bytes for artifact in opened for item in artifact.items.values()]
        check_bounds(name, sizes, bounds)
        items = merge(name, [artifact.items for artifact in opened])
        zips = {at for at, artifact in enumerate(opened) if artifact.is_zip}
        check_links(name, items, place, zips)  # a folder is the user's own, wherever its links lead
        write_all(name, items, opened, dest)
        return sum(sizes)


def write_all(name: str, items: Mapping[str, Item], opened: Sequence[Opened], dest: Path) -> None:
    """Write items, each from its artifact, into the new folder ``dest``.

    ``name`` is what they came from. Raises InputError for what cannot be written.
    """
    try:
        _write(items, opened, os.fsencode(dest))
    except FormatError as error:
        raise InputError(f"{name}: cannot be unpacked ({error}); create it again") from None
    except OSError as error:
        reason = reason_of(error)
        raise InputError(
            f"{name}: cannot be unpacked into {printable(str(dest.parent))} ({reason}); "
            "make room there, or set TMPDIR"
        ) from None


@contextmanager
def _open(at: int, given: ArtifactRef, bounds: Bounds) -> Iterator[Opened]:
    path = Path(given.path)
    if path.is_dir():
        yield _folder(at, path, given.prefix)
        return
    with mapped(path, "a zip or a folder") as data:
        yield _zip(at, path.name, data, bounds)


def _zip(at: int, name: str, data: mmap.mmap, bounds: Bounds) -> Opened:
    archive = read_zip(data, bounds.members)
    shown = printable(name)
    check_zip(shown, archive)
    check_bounds(shown, (member.size_bytes for member in archive.members), bounds)
    members: dict[str, ZipMember] = {}
    for member in archive.members:
        members[member.path] = member
    members.pop(".", None)

    def read(key: str) -> bytes:
        return content(data, members[key], bounds.below_bytes)

    items = {path: _item(at, path, member, read) for path, member in members.items()}

    def mtime_ns(key: str) -> int:
        return member_ns(members[key].dos_time, members[key].extra)

    return Opened(shown, items, read, mtime_ns, is_zip=True)


def _item(at: int, path: str, member: ZipMember, read: Callable[[str], bytes]) -> Item:
    if member.kind == "link":
        target = read(path).decode("utf-8", "surrogateescape")
        if not target or "\0" in target:
            raise FormatError(f"the link {path!r} has no target that could be one")
        return Item("link", 0o777, member.size_bytes, at, path, target)
    if member.kind == "directory":
        mode = _FOLDER_MODE if member.mode is None else member.mode & 0o777
        return Item("directory", mode, 0, at, path)
    mode = _READ if member.mode is None else member.mode & 0o777
    return Item("file", mode, member.size_bytes, at, path)


def _folder(at: int, path: Path, prefix: str) -> Opened:
    folder = scan(path)
    paths = [entry.path for entry in folder.tree.entries]
    items = {join(prefix, inside): _entry_item(at, folder, inside) for inside in paths}
    return Opened(printable(str(path)), items, folder.read, folder.mtime_ns, is_zip=False)


def _entry_item(at: int, folder: Folder, path: str) -> Item:
    """Return an entry as an item, with the mode that ``slim build`` would give it."""
    entry = folder.tree.by_path[path]
    if entry.kind is Kind.LINK:
        return Item("link", 0o777, 0, at, path, entry.target)
    if entry.kind is Kind.DIRECTORY:
        return Item("directory", _FOLDER_MODE, 0, at, path)
    if entry.kind is Kind.SPECIAL:
        raise InputError(f"{printable(path)}: a device, a pipe or a socket; remove it")
    return Item("file", _RUN if entry.executable else _READ, entry.size_bytes, at, path)


def _write(items: Mapping[str, Item], opened: Sequence[Opened], dest: bytes) -> None:
    """Write folders and files, then links, then the folders' modes."""
    made: set[bytes] = {dest}
    Path(os.fsdecode(dest)).mkdir(mode=0o755)
    for path in sorted(items):
        item, place = items[path], os.path.join(dest, _raw(path))  # noqa: PTH118 - bytes
        if item.kind == "directory":
            _make_folder(place, made)
        elif item.kind == "file":
            _make_folder(place.rpartition(b"/")[0], made)
            artifact = opened[item.artifact]
            data = artifact.read(item.key)
            _write_file(place, data, _as_other(item.mode), artifact.mtime_ns(item.key))
    for path, item in items.items():
        if item.kind == "link":
            place = os.path.join(dest, _raw(path))  # noqa: PTH118 - bytes
            _make_folder(place.rpartition(b"/")[0], made)
            os.symlink(_raw(item.target), place)  # noqa: PTH211 - bytes
    for path in sorted(items, reverse=True):
        if items[path].kind == "directory":
            place = os.path.join(dest, _raw(path))  # noqa: PTH118 - bytes
            os.chmod(place, _as_other(items[path].mode))  # noqa: PTH101 - bytes


def _as_other(mode: int) -> int:
    """Return a mode in which its owner may do no more than Lambda's user, who is not."""
    return (mode & 0o7) * 0o111


def _make_folder(place: bytes, made: set[bytes]) -> None:
    missing = []
    while place not in made:
        missing.append(place)
        place = place.rpartition(b"/")[0]
    for folder in reversed(missing):
        os.mkdir(folder, _FOLDER_MODE)  # noqa: PTH102 - bytes
        os.chmod(folder, _FOLDER_MODE)  # noqa: PTH101 - bytes; whatever the umask
        made.add(folder)


def _write_file(place: bytes, data: bytes, mode: int, mtime_ns: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    handle = os.open(place, flags, stat.S_IRUSR | stat.S_IWUSR)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fchmod(handle, mode)
        os.utime(handle, ns=(mtime_ns, mtime_ns))
    finally:
        os.close(handle)


def _raw(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
