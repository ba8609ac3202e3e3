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
import io
import re
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from slimmer.formats import FormatError, Refused
from slimmer.formats.zip import ARCHIVES
from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import Zip, ZipMember, read_zip
from slimmer.formats.zip.records import DEFLATED, DOS_FOLDER, END, STORED, UNIX
from slimmer.formats.zip.unpack import content
from slimmer.formats.zip.writer import HEADERS_BYTES, MAX_MEMBERS, NewMember, ZipWriter

MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # Lambda takes half of it

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
    headers = sum(HEADERS_BYTES + 2 * len(m.raw_name) + len(m.comment) for m in members)
    return sum(member.size_bytes for member in members) + headers + END.size


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
    unsafe = find_unsafe(archive.members)
    if archive.is_zip64 or unsafe.duplicates:
        raise Refused("it is a zip64, or names something twice")
    if unsafe.names or unsafe.kinds:
        raise Refused("a member has an unsafe name, or is neither file, folder nor link")
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
    out = io.BytesIO()
    writer = ZipWriter(out)
    for member in members:
        plain = _plain(data, member, is_nested=member in nested)
        system, attributes = _attributes(member)
        stored = NewMember(
            raw_name=member.raw_name,
            method=STORED,
            dos_time=member.dos_time,
            crc32=zlib.crc32(plain),
            size_bytes=len(plain),
            system=system,
            attributes=attributes,
            comment=member.comment,
        )
        writer.add(stored, plain)
    writer.close(comment)
    return out.getvalue()


def _attributes(member: ZipMember) -> tuple[int, int]:
    """Return the system that made a member and its attributes there, as they were."""
    if member.mode is None:
        return 0, DOS_FOLDER if member.kind == "directory" else 0
    return UNIX, (_KINDS[member.kind] | member.mode) << 16
