"""Archives inside an artifact: the same members, stored.

What is compressed inside is compressed badly by the zip around it, which sees all members of
the archive at once when they are only stored. Contents, names, order, modes, comments and extra
fields stay: readers of a jar's stream expect the manifest first (JAR File Specification, "JAR
Manifest"), Spring Boot's class path has its nested jars in their order and takes them only stored
("The Executable Jar Format"), Clojure compares the times of a class and of its source, and Java
takes a time in seconds and in UTC from the extra field 0x5455.
The members of nested jars, one level deep, are stored too, which that format allows. An index of
packages loses those that are gone.
"""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeAlias

from slimmer.formats import FormatError, Refused
from slimmer.formats.checksums import may_state, states
from slimmer.formats.zip import jar_index
from slimmer.formats.zip.names import find_unsafe
from slimmer.formats.zip.reader import Zip, ZipMember, read_zip
from slimmer.formats.zip.records import DEFLATED, DOS_FOLDER, END, LOCAL, STORED, UNIX, ZIP64_EXTRA
from slimmer.formats.zip.signed import MANIFEST, MAX_MANIFEST_BYTES, listed
from slimmer.formats.zip.unpack import content, pieces
from slimmer.formats.zip.writer import HEADERS_BYTES, MAX_MEMBERS, NewMember, ZipWriter

MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # Lambda takes half of it
NESTED = "!/"  # between the path of an archive and that of one in it, as in Java's URLs

_KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}
_NOT_LISTS = (".class", ".jar", ".so", ".dll")
_MAX_LIST_BYTES = 8 << 20


@dataclass(frozen=True)
class Archive:
    """An archive that is open: where it lies, and its members in their order."""

    #: Of one in another ``PATH!/NAME``.
    path: str
    members: Sequence[ZipMember]
    _data: bytes = field(repr=False)

    def read(self, member: ZipMember) -> bytes:
        """Return the bytes of a member. Raises FormatError."""
        return content(self._data, member, MAX_UNPACKED_BYTES)

    def head(self, member: ZipMember, size_bytes: int) -> bytes:
        """Return at most the first bytes of a member. Raises FormatError."""
        return next(pieces(self._data, member, size_bytes), b"")

    @cached_property
    def signed(self) -> frozenset[str]:
        """The members whose digest the manifest lists. Raises FormatError."""
        manifest = next((m for m in self.members if m.name.upper() == MANIFEST), None)
        if manifest is None:
            return frozenset()
        return frozenset(listed(content(self._data, manifest, MAX_MANIFEST_BYTES)))

    @cached_property
    def nested(self) -> list[ZipMember]:
        """The stored jars in it; not those whose checksum is stated.

        A comment has Spring Boot's, a file such as x.jar.sha1 anyone's, a manifest that of a
        signature. Raises FormatError.
        """
        beside = {member.name.rpartition(".")[0] for member in self.members}
        return [
            member
            for member in self.members
            if member.name.endswith(".jar") and member.name not in beside | self.signed
            if member.kind == "file" and member.method == STORED and not member.comment
        ]

    def is_stated(self, member: ZipMember, plain: bytes) -> bool:
        """Return whether a list in the archive states a checksum of a member's bytes."""
        name = member.name.rpartition("/")[2]
        return states((text for text in self._lists if may_state(text, name)), plain)

    @cached_property
    def _lists(self) -> list[bytes]:
        return [
            self.read(member)
            for member in self.members
            if member.kind == "file" and not member.name.lower().endswith(_NOT_LISTS)
            if 0 < member.size_bytes <= _MAX_LIST_BYTES
        ]


#: Which members of an archive are left out, each with the component that drops it.
LeftOut: TypeAlias = Callable[[Archive], Mapping[str, str]]


def _nothing(_archive: Archive) -> Mapping[str, str]:
    return {}


class Repacked(NamedTuple):
    """An archive's new bytes, and the members that were left out, each with its component.

    Of nested archives they are ``NAME!/MEMBER``.
    """

    data: bytes
    left_out: tuple[tuple[str, str], ...]


def repack(data: bytes, left_out: LeftOut = _nothing, path: str = "") -> Repacked:
    """Return the archive at a path with its members stored, without those of ``left_out``.

    Members that a signature covers are never left out. Raises FormatError for what is no zip or
    is broken, Refused for what must stay as it is: archives with data around them, encrypted or
    ambiguous ones, and those that are too large to be unpacked.
    """
    nests = unpacked_bytes(data) <= MAX_UNPACKED_BYTES
    return _repacked(path, data, left_out, nests=nests)


def unpacked_bytes(data: bytes) -> int:
    """Return the most that an archive takes once its members, and those of nested jars, are stored.

    0 for one that is broken.
    """
    try:
        archive = Archive("", read_zip(data).members, data)
        within = [(m, _flat_bytes(archive.read(m))) for m in archive.nested]
    except FormatError:
        return _flat_bytes(data)
    return _flat_bytes(data) + sum(max(0, found - m.size_bytes) for m, found in within)


def _flat_bytes(data: bytes) -> int:
    try:
        members = read_zip(data).members
    except FormatError:
        return 0
    return sum(member.size_bytes + _headers_bytes(member) for member in members) + END.size


def _headers_bytes(member: ZipMember) -> int:
    local_bytes = member.data_offset - member.header_offset - LOCAL.size
    central_bytes = len(member.raw_name) + len(member.extra) + len(member.comment)
    return HEADERS_BYTES + local_bytes + central_bytes


def _repacked(path: str, data: bytes, left_out: LeftOut, *, nests: bool) -> Repacked:
    found = read_zip(data)
    check(found)
    archive = Archive(path, found.members, data)
    asked = left_out(archive)
    dropped = {name: why for name, why in asked.items() if name not in archive.signed}
    gone = [(m.name, dropped[m.name]) for m in found.members if m.name in dropped]
    is_less = bool(gone)
    _check_fits(found, [member for member in found.members if member.name not in dropped])
    nested = frozenset(archive.nested) if nests else frozenset()
    out = io.BytesIO()
    writer = ZipWriter(out)
    for member in found.members:
        if member.name not in dropped:
            plain = archive.read(member)
            if member.name == jar_index.NAME and is_less:
                plain = _index(archive, plain, dropped)
            if member in nested and not archive.is_stated(member, plain):
                plain, inside = _within(archive, member, plain, left_out)
                gone += inside
            writer.add(stored(data, member, plain), plain)
    writer.close(found.comment)
    return Repacked(out.getvalue(), tuple(gone))


def _index(archive: Archive, plain: bytes, dropped: Mapping[str, str]) -> bytes:
    """Return an index of members without the packages that are gone. Raises Refused."""
    if jar_index.NAME in archive.signed:
        raise Refused("its signature covers an index of its members")
    kept = (member.name for member in archive.members if member.name not in dropped)
    try:
        return jar_index.without_absent(plain, archive.path.rpartition(NESTED)[2], kept)
    except FormatError:
        raise Refused("it has an index of its members that is not understood") from None


def _within(
    archive: Archive, member: ZipMember, plain: bytes, left_out: LeftOut
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return a nested jar with its members stored where that may be, and what it lost."""
    with contextlib.suppress(FormatError, Refused):
        path = f"{archive.path}{NESTED}{member.name}"
        inner = _repacked(path, plain, left_out, nests=False)
        return inner.data, [(f"{member.name}{NESTED}{name}", why) for name, why in inner.left_out]
    return plain, []


def check(archive: Zip) -> None:
    """Raise Refused for what must stay as it is."""
    if archive.prefix_bytes or archive.trailing_bytes:
        raise Refused("it has data before or behind the archive")
    unsafe = find_unsafe(archive.members)
    if unsafe.duplicates:
        raise Refused("it names something twice")
    if unsafe.names or unsafe.kinds:
        raise Refused("a member has an unsafe name, or is neither file, folder nor link")
    if archive.members and archive.members[0].name == "mimetype":
        raise Refused("its first member tells its kind and must stay first")
    places = [member.header_offset for member in archive.members]
    if places != sorted(places):
        raise Refused("its directory lists its members in another order than they lie in")
    for member in archive.members:
        reason = _reason(member)
        if reason:
            raise Refused(reason)


def _check_fits(archive: Zip, kept: Sequence[ZipMember]) -> None:
    """Raise Refused where what is kept needs a zip64, or where an archive is one for nothing."""
    if archive.is_zip64 and (len(kept) > MAX_MEMBERS or len(kept) == len(archive.members)):
        raise Refused("it is a zip64")
    if sum(member.size_bytes for member in kept) > MAX_UNPACKED_BYTES:
        raise Refused("it unpacks to more than 512 MiB")


def _reason(member: ZipMember) -> str:
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


def stored(data: bytes, member: ZipMember, plain: bytes) -> NewMember:
    """Return what is written of a member with these bytes: all that its two headers say."""
    system, attributes = _attributes(member)
    own = data[member.header_offset + LOCAL.size + len(member.raw_name) : member.data_offset]
    return NewMember(
        raw_name=member.raw_name,
        method=STORED,
        dos_time=member.dos_time,
        crc32=zlib.crc32(plain),
        size_bytes=len(plain),
        system=system,
        attributes=attributes,
        comment=member.comment,
        extra=b"".join(_fields(member.extra)),
        local_extra=b"".join(_fields(own)),
    )


def _fields(extra: bytes) -> Iterator[bytes]:
    """Yield the extra fields of a header but that of zip64, which holds sizes from before."""
    while len(extra) >= 4:
        tag, size = struct.unpack_from("<2H", extra)
        if tag != ZIP64_EXTRA:
            yield extra[: 4 + size]
        extra = extra[4 + size :]
    yield extra


def _attributes(member: ZipMember) -> tuple[int, int]:
    """Return the system that made a member and its attributes there, as they were."""
    if member.mode is None:
        return 0, DOS_FOLDER if member.kind == "directory" else 0
    return UNIX, (_KINDS[member.kind] | member.mode) << 16
