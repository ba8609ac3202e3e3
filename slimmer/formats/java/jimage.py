"""A Java runtime's ``lib/modules``, in which the classes and resources of all its modules lie.

Source: ``jdk.internal.jimage`` of JDK 9 to 25 (``ImageHeader``, ``ImageLocation``,
``ImageStringsReader``), and ``src/java.base/share/native/libjimage`` of the same. Behind the header
stand a hash table, the offsets of locations, the locations, and the strings that these name.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from slimmer.formats import FormatError

_MAGIC: Final = 0xCAFEDADA
_VERSION: Final = (1, 0)
_HEADER: Final = struct.Struct("<7L")
#: The kinds of attributes of a location; its first byte has the kind, and the length less one.
_END, _MODULE, _PARENT, _BASE, _EXTENSION, _OFFSET, _PACKED, _SIZE = range(8)
#: What stands in the place of a module for lists of what there is.
_LISTS: Final = frozenset(("", "modules", "packages"))
DESCRIPTOR: Final = "module-info.class"
#: Before bytes that jlink compressed as zip does (imageDecompressor.hpp): what it is, how long it
#: is and was, the names of how and of its settings, and whether nothing is below it.
_PACKED_HEADER: Final = struct.Struct("<LQQLLB")
_PACKED_MAGIC: Final = 0xCAFEFAFA
_MAX_BYTES: Final = 16_000_000  # of a class; the largest of a runtime have some 100,000


class Resource(NamedTuple):
    """A class, or another file, of a module."""

    module: str
    #: Its path below the module, such as ``java/sql/Timestamp.class``.
    path: str
    #: Where its bytes begin in the file, and how many there are.
    start: int
    size_bytes: int
    #: Whether they are compressed, in a way of jlink's.
    is_packed: bool = False


def read_jimage(data: bytes) -> tuple[Resource, ...]:
    """Return what lies in the file, in the order of its bytes.

    Raises FormatError where it is broken, of another version or for another order of bytes.
    """
    try:
        return tuple(sorted(_resources(data), key=lambda each: (each.start, each)))
    except (struct.error, IndexError, ValueError):
        raise FormatError("the list of modules is cut short") from None


def content(data: bytes, resource: Resource) -> bytes:
    """Return the bytes of a class or file, unpacked. Raises FormatError where that is not known."""
    found = data[resource.start : resource.start + resource.size_bytes]
    if not resource.is_packed:
        return found
    try:
        magic, _, size_bytes, *_ = _PACKED_HEADER.unpack_from(found)
        if magic != _PACKED_MAGIC or size_bytes > _MAX_BYTES:
            raise FormatError(f"{resource.path} is compressed in a way that is not known")
        stream = zlib.decompressobj()
        made = stream.decompress(found[_PACKED_HEADER.size :], size_bytes)
    except (struct.error, zlib.error):
        raise FormatError(f"{resource.path} is compressed in a way that is not known") from None
    if len(made) != size_bytes:
        raise FormatError(f"{resource.path} is cut short")
    return made


def hollowed(data: bytes, modules: Collection[str]) -> bytes:
    """Return the file with zeros for all of these modules but their descriptors.

    It keeps its length, which a runtime's archive of shared classes states. A class that is asked
    for all the same is a ClassFormatError with its name. Raises FormatError as reading does, and
    for a module whose bytes are compressed or shared with another.
    """
    made = bytearray(data)
    resources = read_jimage(data)
    for one, two in pairwise(resources):
        if one.start + one.size_bytes > two.start and one.size_bytes and two.size_bytes:
            raise FormatError(f"{one.path} and {two.path} share bytes")
    for each in resources:
        if each.module in modules and each.path != DESCRIPTOR:
            if each.is_packed:
                raise FormatError(f"{each.path} is compressed in it")
            made[each.start : each.start + each.size_bytes] = bytes(each.size_bytes)
    return bytes(made)


def _resources(data: bytes) -> Iterator[Resource]:
    magic, version, _flags, _count, length, location_bytes, string_bytes = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise FormatError("it is no list of modules")
    if (version >> 16, version & 0xFFFF) != _VERSION:
        raise FormatError(f"its version {version >> 16}.{version & 0xFFFF} is not known")
    offsets_at = _HEADER.size + 4 * length
    locations_at = offsets_at + 4 * length
    strings_at = locations_at + location_bytes
    start = strings_at + string_bytes
    strings: dict[int, str] = {}

    def text(offset: int) -> str:
        if offset not in strings:
            end = data.index(0, strings_at + offset, start)
            strings[offset] = data[strings_at + offset : end].decode("utf-8", "replace")
        return strings[offset]

    for offset in struct.unpack_from(f"<{length}L", data, offsets_at):
        found = _attributes(data, locations_at + offset, strings_at)
        module = text(found[_MODULE])
        if module in _LISTS:
            continue
        folder, ending = text(found[_PARENT]), text(found[_EXTENSION])
        name = text(found[_BASE]) + (f".{ending}" if ending else "")
        size_bytes = found[_PACKED] or found[_SIZE]
        begins = start + found[_OFFSET]
        if begins + size_bytes > len(data):
            raise FormatError("the list of modules is cut short")
        path = f"{folder}/{name}" if folder else name
        yield Resource(module, path, begins, size_bytes, bool(found[_PACKED]))


def _attributes(data: bytes, at: int, end: int) -> list[int]:
    """Return the attributes of the location at a place, by their kinds."""
    found = [0] * (_SIZE + 1)
    while at < end and (kind := data[at] >> 3) != _END:
        if kind > _SIZE:
            raise FormatError(f"a location has an attribute of the unknown kind {kind}")
        size = (data[at] & 7) + 1
        found[kind] = int.from_bytes(data[at + 1 : at + 1 + size], "big")
        at += 1 + size
    return found
