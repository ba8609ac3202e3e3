"""The members of a slimmed tree become one layer of an image: a gzipped tar.

Its bytes depend on nothing but the members. They are sorted by the bytes of their names, so a
folder comes before what is in it; the first of several names of one file has the bytes, and the
others are hard links to it.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import deflate

from slimmer.formats import tar_writer
from slimmer.formats.tar_writer import BLOCK_BYTES, END, NewMember, header, padding
from slimmer.formats.zip.writer import Sink
from slimmer.model.artifact import Change, Member
from slimmer.model.attributes import SPECIAL_TYPES, Attributes
from slimmer.model.tree import Kind
from slimmer.outputs.gzip_parts import PART_BYTES, GzipParts
from slimmer.outputs.hashed import HashedSink

_TYPES = {
    Kind.FILE: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.LINK: stat.S_IFLNK,
}
_CODES = {Kind.DIRECTORY: tar_writer.FOLDER, Kind.LINK: tar_writer.LINK}


class Loaded(NamedTuple):
    """The bytes of a file, and what a transform did to them."""

    data: bytes
    change: Change | None = None


class LayerMember(NamedTuple):
    """A member of a layer that is to be written."""

    path: str
    kind: Kind
    attributes: Attributes
    #: Its time in seconds since 1970.
    time_s: int
    #: Gives the bytes of a file; called once, or not at all for one that is a hard link.
    load: Callable[[], Loaded] | None = None
    #: What names of one file have in common; empty for a file with one name.
    same: str = ""


class LayerWritten(NamedTuple):
    """A layer that was written."""

    digest: str
    diff_id: str
    size_bytes: int
    members: tuple[Member, ...]


class _Span(NamedTuple):
    """A member, and where it lies in the tar."""

    member: Member
    start: int
    end: int


def write_layer(
    sink: Sink,
    members: Iterable[LayerMember],
    *,
    level: int,
    workers: int | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> LayerWritten:
    """Write the members as a layer to ``sink``.

    ``level`` is libdeflate's, and ``workers`` threads compress (without it: one for each core);
    their number changes no byte. ``progress`` is told how many bytes of the tree are done.
    """
    out = HashedSink(sink)
    spans: list[_Span] = []
    first: dict[tuple[str, bytes], bytes] = {}
    done_bytes = 0
    with GzipParts(out, level, workers) as packed:
        tar = HashedSink(packed)
        for item in sorted(members, key=lambda each: raw(each.path)):
            start = tar.size_bytes
            member = _write(tar, item, first)
            spans.append(_Span(member, start, tar.size_bytes))
            done_bytes += member.size_bytes + (member.change.saved_bytes if member.change else 0)
            progress(done_bytes)
        tar.write(END)
        packed.close()
        sizes = packed.part_sizes
    return LayerWritten(
        digest=f"sha256:{out.sha256}",
        diff_id=f"sha256:{tar.sha256}",
        size_bytes=out.size_bytes,
        members=tuple(_shared(spans, sizes, tar.size_bytes)),
    )


def raw(path: str) -> bytes:
    """Return a path as the bytes that a tar has for it."""
    return path.encode("utf-8", "surrogateescape")


def _write(tar: HashedSink, item: LayerMember, first: dict[tuple[str, bytes], bytes]) -> Member:
    """Write one member; what it takes compressed is found out later."""
    attributes, kind = item.attributes, item.kind
    name = raw(item.path) + b"/" * (kind is Kind.DIRECTORY)
    loaded = item.load() if item.load else None
    data, to = loaded.data if loaded else b"", name
    if item.same:  # a transform may have made of each of its names another file
        to = first.setdefault((item.same, hashlib.sha256(data).digest()), name)
    is_hard = to != name
    data = b"" if is_hard else data
    is_link = kind is Kind.LINK
    tar.write(
        header(
            NewMember(
                name=name,
                kind=tar_writer.HARD_LINK if is_hard else code_of(kind, attributes),
                mode=attributes.mode,
                owner=attributes.owner,
                size_bytes=len(data),
                time_s=item.time_s,
                target=to if is_hard else raw(attributes.target) if is_link else b"",
                device=attributes.device,
                xattrs=attributes.xattrs,
            )
        )
    )
    tar.write(data)
    tar.write(padding(len(data)))
    kind_bits = SPECIAL_TYPES[attributes.code] if kind is Kind.SPECIAL else _TYPES[kind]
    return Member(
        name=name.decode("utf-8", "surrogateescape"),
        mode=kind_bits | attributes.mode,
        size_bytes=len(raw(attributes.target)) if is_link else len(data),
        zip_bytes=0,
        compressed_bytes=0,
        crc32=deflate.crc32(data) if data else 0,
        change=loaded.change if loaded else None,
    )


def code_of(kind: Kind, attributes: Attributes) -> bytes:
    """Return a tar's type of what is written; a socket, which has none, counts as a file."""
    return attributes.code or _CODES.get(kind, tar_writer.FILE)


def _shared(spans: Sequence[_Span], sizes: Sequence[int], tar_bytes: int) -> Iterable[Member]:
    """Yield each member with its share of what the parts that it lies in take compressed.

    The shares add up to the layer, less what the zeros at its end take.
    """
    before = [0]
    for size in sizes:
        before.append(before[-1] + size)

    def packed(at: int) -> int:
        part, rest = divmod(at, PART_BYTES)
        if part >= len(sizes):
            return before[-1]
        whole = min(PART_BYTES, tar_bytes - part * PART_BYTES)
        return before[part] + sizes[part] * rest // whole

    for member, start, end in spans:
        zip_bytes = packed(end) - packed(start)
        own = zip_bytes * member.size_bytes // max(end - start, BLOCK_BYTES)
        data_bytes = own if stat.S_ISREG(member.mode) else 0
        yield member._replace(zip_bytes=zip_bytes, compressed_bytes=data_bytes)
