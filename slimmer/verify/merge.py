"""What several artifacts give when they are unpacked over each other, decided before any is.

Pure: names in, names out. What is unsafe is an error here, before anything touches a disk.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from slimmer.errors import InputError
from slimmer.formats.zip.names import find_unsafe, why_unsafe
from slimmer.formats.zip.reader import Zip
from slimmer.formats.zip.unpack import MAX_LINK_BYTES
from slimmer.model.tree_links import leading_out
from slimmer.paths import parents
from slimmer.text import printable
from slimmer.verify.model import Bounds

MAX_NAME_BYTES = 4000  # what PATH_MAX leaves below a scratch folder
MAX_FOLDERS = 100  # far above what nests; each has to be looked at


class Item(NamedTuple):
    """One name to be made: what it is, its permission bits, and a link's target.

    ``artifact`` is the place of the artifact that it comes from, ``key`` its name in there.
    """

    kind: Literal["file", "directory", "link"]
    mode: int
    size_bytes: int
    artifact: int
    key: str
    target: str = ""


def check_zip(name: str, archive: Zip) -> None:
    """Raise InputError for a zip that must not be unpacked, naming what is wrong in it."""
    unsafe = find_unsafe(archive.members)
    if unsafe.duplicates:
        raise InputError(f"{name}: two members have the name {unsafe.duplicates[0]!r}; {_ANEW}")
    for member in archive.members:
        shown = printable(member.name)
        if reason := why_unsafe(member):
            raise InputError(f"{name}: {shown!r} is {reason}; {_ANEW}")
        if len(member.raw_name) > MAX_NAME_BYTES or member.name.count("/") > MAX_FOLDERS:
            raise InputError(f"{name}: {shown[:60]!r}… is too long or too deep a name; {_ANEW}")
        if member.encrypted:
            raise InputError(f"{name}: {shown!r} is encrypted, and Lambda has no key; {_ANEW}")
        if member.kind == "special":
            raise InputError(f"{name}: {shown!r} is neither a file, a folder nor a link; remove it")
        if member.kind == "link" and member.size_bytes > MAX_LINK_BYTES:
            raise InputError(f"{name}: {shown!r} is a link with too long a target; {_ANEW}")


def check_bounds(name: str, sizes: Iterable[int], bounds: Bounds) -> None:
    """Raise InputError when the files of these sizes are more than may be unpacked."""
    count = total = 0
    for size in sizes:
        count += 1
        total += size
    if count > bounds.members:
        raise InputError(f"{name}: {count:,} members, more than {bounds.members:,}; drop some")
    if total >= bounds.below_bytes:
        raise InputError(
            f"{name}: would unpack to {total:,} B, and less than {bounds.below_bytes:,} B is "
            "allowed; drop some"
        )


def merge(name: str, layers: Sequence[Mapping[str, Item]]) -> dict[str, Item]:
    """Return what there is once the layers are unpacked in order; a later one wins.

    Raises InputError when a layer needs a folder where it has a file or a link itself.
    """
    merged: dict[str, Item] = {}
    for layer in layers:
        solid = {path for path, item in layer.items() if item.kind != "directory"}
        folders = {folder for path in layer for folder in parents(path)}
        for path in sorted(solid & folders):
            what = f"{printable(path)!r} is a {layer[path].kind}"
            raise InputError(f"{name}: {what}, yet others lie in it; {_ANEW}")
        stays = {
            path: item
            for path, item in merged.items()
            if not (path in folders and item.kind != "directory")
            and solid.isdisjoint(parents(path))
        }
        merged = {**stays, **layer}
    return merged


def check_links(
    name: str, items: Mapping[str, Item], place: str, artifacts: Container[int]
) -> None:
    """Raise InputError for a link of these artifacts that leads out of ``place``.

    It may do so through other links, of whatever artifact.
    """
    links = {path: item.target for path, item in items.items() if item.kind == "link"}
    theirs = [path for path in links if items[path].artifact in artifacts]
    for path in leading_out(links, theirs, place):
        target = printable(links[path])
        raise InputError(
            f"{name}: {printable(path)!r} is a link that leads out ({target}); {_ANEW}"
        )


_ANEW = "create the zip again without it"
