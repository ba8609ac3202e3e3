"""Archives inside an artifact: the same members, stored and sorted.

What is compressed inside is compressed badly by the zip around it, which sees all members of
the archive at once when they are only stored. Contents, names, modes and times stay; Clojure
compares the times of a class and of its source. The order is that of the names, but for the
manifest, which readers of a jar's stream expect first (JAR File Specification, "JAR Manifest").
Where archives lie in an archive, all stays in its place: Spring Boot's class path has its nested
jars in that order, and it takes them only stored, as all is here ("The Executable Jar Format").
Members keep their comments, by which Spring Boot knows those that it must unpack.
The members of nested jars, one level deep, are stored too, which that format allows.
"""

from __future__ import annotations

import contextlib
import re
import stat
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from slimmer.formats import FormatError, Refused
from slimmer.formats.zip import (
    ARCHIVES,
    DEFLATED,
    STORED,
    Zip,
    ZipMember,
    content,
    is_unsafe,
    read_zip,
)

MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # Lambda takes half of it
MAX_MEMBERS = 65_534  # without zip64, APPNOTE.TXT 4.4.1.4

_LOCAL = struct.Struct("<4s3H4L2H")
_CENTRAL = struct.Struct("<4s4H4L5H2L")
_END = struct.Struct("<4s4H2LH")
_UTF8 = 0x800
_UNIX = 3 << 8
_KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}
_SIGNATURE = re.compile(r"META-INF/(?:[^/]+\.(?:SF|RSA|DSA|EC)|SIG-[^/]+)", re.IGNORECASE)
_FIRST = ("META-INF/", "META-INF/MANIFEST.MF")


class Repacked(NamedTuple):
    """An archive's new bytes, and the names of the members that were left out."""

    data: bytes
    dropped: tuple[str, ...]


def repack(
    data: bytes, left_out: Callable[[Iterable[str]], Iterable[str]] = lambda _: ()
) -> Repacked:
    """Return an archive with its members stored, without those that ``left_out`` names.

    Raises FormatError for what is no zip or is broken, Refused for what must stay as it
    is: signed jars, jars with an index, archives with data around them, encrypted or
    ambiguous ones, and those that are too large to be unpacked.
    """
    nests = unpacked_bytes(data) <= MAX_UNPACKED_BYTES
    return _repacked(data, left_out, nests=nests)


def unpacked_bytes(data: bytes) -> int:
    """Return the most that an archive takes once its members, and those of nested jars, are stored.

    0 for one that is broken.
    """
    try:
        members = read_zip(data, MAX_MEMBERS).members
        nested = _nested_jars(members)
        within = (_flat_bytes(content(data, m, MAX_UNPACKED_BYTES)) for m in nested)
        more = sum(max(0, found - m.size_bytes) for m, found in zip(nested, within, strict=True))
    except FormatError:
        return _flat_bytes(data)
    return _flat_bytes(data) + more


def _flat_bytes(data: bytes) -> int:
    try:
        members = read_zip(data, MAX_MEMBERS).members
    except FormatError:
        return 0
    around = sum(
        _LOCAL.size + _CENTRAL.size + 2 * len(m.raw_name) + len(m.comment) for m in members
    )
    return sum(member.size_bytes for member in members) + around + _END.size


def _nested_jars(members: Sequence[ZipMember]) -> list[ZipMember]:
    """Return the stored jars in an archive; not those that a comment or a file beside speaks of.

    A comment has Spring Boot's checksum of a jar, and a file such as x.jar.sha1 anyone's.
    """
    beside = {member.name.rpartition(".")[0] for member in members}
    return [
        member
        for member in members
        if member.name.endswith(".jar") and member.name not in beside
        if member.kind == "file" and member.method == STORED and not member.comment
    ]


def _repacked(
    data: bytes, left_out: Callable[[Iterable[str]], Iterable[str]], *, nests: bool
) -> Repacked:
    archive = read_zip(data, MAX_MEMBERS)
    _check(archive)
    dropped = frozenset(left_out([member.name for member in archive.members]))
    kept = [member for member in archive.members if member.name not in dropped]
    names = tuple(member.name for member in archive.members if member.name in dropped)
    if not any(member.name.lower().endswith(ARCHIVES) for member in kept):
        kept.sort(key=_place)
    nested = frozenset(_nested_jars(archive.members)) if nests else frozenset()
    return Repacked(_written(data, kept, nested, archive.comment), names)


def _plain(data: bytes, member: ZipMember, *, is_nested: bool) -> bytes:
    """Return a member's bytes; of a nested jar those that it has with its members stored."""
    plain = content(data, member, MAX_UNPACKED_BYTES)
    if is_nested:
        with contextlib.suppress(FormatError, Refused):
            return _repacked(plain, lambda _: (), nests=False).data
    return plain


def _place(member: ZipMember) -> tuple[int, bytes]:
    return (_FIRST.index(member.name) if member.name in _FIRST else len(_FIRST), member.raw_name)


def _check(archive: Zip) -> None:
    """Raise Refused for what must stay as it is."""
    if archive.prefix_bytes or archive.trailing_bytes:
        raise Refused("it has data before or behind the archive")
    if archive.is_zip64 or archive.duplicates:
        raise Refused("it is a zip64, or names something twice")
    if archive.members and archive.members[0].name == "mimetype":
        raise Refused("its first member tells its kind and must stay first")
    if sum(member.size_bytes for member in archive.members) > MAX_UNPACKED_BYTES:
        raise Refused("it unpacks to more than 512 MiB")
    for member in archive.members:
        reason = _reason(member)
        if reason:
            raise Refused(reason)


def _reason(member: ZipMember) -> str:
    if _SIGNATURE.fullmatch(member.name):
        return "it is signed"
    if member.name == "META-INF/INDEX.LIST":
        return "it has an index of its members"
    if member.encrypted or member.method not in (STORED, DEFLATED):
        return "a member is encrypted, or packed by another method than deflate"
    if is_unsafe(member.name) or member.kind not in _KINDS:
        return "a member has an unsafe name, or is neither file, folder nor link"
    if not _is_utf8(member.raw_name):
        return "a name in it is not UTF-8"
    return ""


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _written(
    data: bytes, members: Iterable[ZipMember], nested: Collection[ZipMember], comment: bytes
) -> bytes:
    out = bytearray()
    directory = bytearray()
    count = 0
    for member in members:
        plain = _plain(data, member, is_nested=member in nested)
        name, place, size = member.raw_name, len(out), len(plain)
        flags = 0 if name.isascii() else _UTF8
        common = (20, flags, STORED, member.dos_time, zlib.crc32(plain), size, size, len(name), 0)
        out += _LOCAL.pack(b"PK\x03\x04", *common) + name + plain
        made_by, attributes = _attributes(member)
        tail = (len(member.comment), 0, 0, attributes, place)
        directory += _CENTRAL.pack(b"PK\x01\x02", made_by | 20, *common, *tail)
        directory += name + member.comment
        count += 1
    end = (0, 0, count, count, len(directory), len(out), len(comment))
    return bytes(out + directory + _END.pack(b"PK\x05\x06", *end) + comment)


def _attributes(member: ZipMember) -> tuple[int, int]:
    """Return the system that made a member and its attributes there, as they were."""
    if member.mode is None:
        return 0, 0x10 if member.kind == "directory" else 0
    return _UNIX, (_KINDS[member.kind] | member.mode) << 16
