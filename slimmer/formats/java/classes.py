"""Class files: what a class is called, and every text that can name something.

Source: Java Virtual Machine Specification, chapter 4 (4.1 the file, 4.4 the constant pool, 4.5
fields, 4.6 methods, 4.7 attributes). References to classes, descriptors, string constants and
the values of annotations all lie in the pool as CONSTANT_Utf8, so its texts name all that a class
can ask for by a name that it does not put together.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from slimmer.formats import FormatError

MAGIC: Final = b"\xca\xfe\xba\xbe"

_METHOD, _NAME_AND_TYPE = 10, 12
_UTF8, _LONG, _DOUBLE, _CLASS, _STRING, _METHOD_TYPE, _MODULE, _PACKAGE = 1, 5, 6, 7, 8, 16, 19, 20
#: The bytes of each other kind of constant with its tag (table 4.4-A, and 4.4.1 to 4.4.12).
_SIZES: Final = {
    3: 5,
    4: 5,
    _LONG: 9,
    _DOUBLE: 9,
    _CLASS: 3,
    _STRING: 3,
    9: 5,
    10: 5,
    11: 5,
    12: 5,
    15: 4,
    _METHOD_TYPE: 3,
    17: 5,
    18: 5,
    _MODULE: 3,
    _PACKAGE: 3,
}
_POINTING: Final = frozenset((_CLASS, _STRING, _METHOD_TYPE, _MODULE, _PACKAGE))
_HEAD: Final = struct.Struct(">4s3H")
_U16: Final = struct.Struct(">H")
_U32: Final = struct.Struct(">L")
_ATTRIBUTE: Final = struct.Struct(">HL")  # attribute_name_index, attribute_length
_THIS: Final = struct.Struct(">4H")  # access_flags, this_class, super_class, interfaces_count


class ClassFile(NamedTuple):
    """What a class file says of names."""

    #: The class, as ``a/b/C``.
    name: str
    #: The version of the format; 61 is that of Java 17.
    major: int
    #: All texts of the constant pool, in the file's modified UTF-8; see :func:`text`.
    texts: frozenset[bytes]


class Links(NamedTuple):
    """Which classes a class file cannot do without, and which it names."""

    #: The class, as ``a/b/C``.
    name: str
    #: Its superclass and interfaces, without which Java does not load it (5.3.5).
    above: tuple[str, ...]
    #: All classes of its constant pool but arrays, it and those above it among them.
    classes: frozenset[str]


def read_class(data: bytes) -> ClassFile:
    """Return what a class file names. Raises FormatError where it is broken or cut short."""
    try:
        return _read(data)
    except (struct.error, IndexError):
        raise FormatError("the class file is cut short") from None


def read_links(data: bytes) -> Links:
    """Return which classes a class file names. Raises FormatError where it is broken or cut short.

    What comes after its interfaces is not looked at.
    """
    try:
        magic, _minor, _major, count = _HEAD.unpack_from(data)
        if magic != MAGIC:
            raise FormatError("it is no class file")
        texts, classes, at = pool(data, count, _CLASS)
        _access, this, super_, interfaces = _THIS.unpack_from(data, at)
        above = struct.unpack_from(f">{interfaces}H", data, at + _THIS.size)
        names = {index: text(texts[pointer]) for index, pointer in classes.items()}
        known = tuple(names[index] for index in (super_, *above) if index)
        plain = frozenset(name for name in names.values() if not name.startswith("["))
        return Links(names[this], known, plain)
    except (struct.error, IndexError, KeyError):
        raise FormatError("the class file is cut short") from None


def makes(data: bytes, name: bytes) -> bool:
    """Return whether a class file makes objects of a class ``a/b/C``, by one of its constructors.

    What cannot be read as a class file makes none.
    """
    if name not in data or not data.startswith(MAGIC):
        return False
    try:
        texts, found, _ = pool(data, _HEAD.unpack_from(data)[3], _CLASS)
        classes = {index for index, pointer in found.items() if texts[pointer] == name}
        used = list(_methods(data))
    except (FormatError, struct.error, IndexError):
        return False
    names = {index: pointer for index, tag, pointer, _ in used if tag == _NAME_AND_TYPE}
    return any(
        tag == _METHOD and holder in classes and texts.get(names.get(called, 0)) == b"<init>"
        for _, tag, holder, called in used
    )


def has_lines(data: bytes) -> bool:
    """Return whether a method says which line of its source an instruction is of (4.7.12).

    The word alone says nothing: jlink leaves it in the pool where it takes the tables out. Raises
    FormatError where the class file is broken or cut short.
    """
    try:
        magic, _minor, _major, count = _HEAD.unpack_from(data)
        if magic != MAGIC:
            raise FormatError("it is no class file")
        texts, _, at = pool(data, count, _CLASS)
        at = _members(data, at + _THIS.size + 2 * _THIS.unpack_from(data, at)[3])
        return any(
            texts.get(inner) == b"LineNumberTable"
            for name, start in _of_members(data, at)
            if texts.get(name) == b"Code"
            for inner, _ in _named(data, _after_code(data, start))
        )
    except (struct.error, IndexError):
        raise FormatError("the class file is cut short") from None


def _of_members(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield the attributes of all methods that begin at a place, as :func:`_named` does."""
    (count,) = _U16.unpack_from(data, at)
    at += 2
    for _ in range(count):
        yield from _named(data, at + 6)
        at = _attributes(data, at + 6)


def _named(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield the index of each attribute's name, and where its bytes begin."""
    (count,) = _U16.unpack_from(data, at)
    at += 2
    for _ in range(count):
        name, size = _ATTRIBUTE.unpack_from(data, at)
        yield name, at + _ATTRIBUTE.size
        at += _ATTRIBUTE.size + size


def _after_code(data: bytes, at: int) -> int:
    """Return where the attributes begin of a method's code that begins at a place (4.7.3)."""
    (size,) = _U32.unpack_from(data, at + 4)
    at += 8 + size
    (handlers,) = _U16.unpack_from(data, at)
    return at + 2 + 8 * int(handlers)


def _methods(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield methods, and names with types: index, tag, and the two that they point to."""
    count, at, index = _HEAD.unpack_from(data)[3], _HEAD.size, 1
    while index < count:
        tag = data[at]
        if tag in (_METHOD, _NAME_AND_TYPE):
            yield index, tag, *struct.unpack_from(">2H", data, at + 1)
        at += 3 + (data[at + 1] << 8 | data[at + 2]) if tag == _UTF8 else _SIZES[tag]
        index += 1 + (tag in (_LONG, _DOUBLE))


def pool(data: bytes, count: int, *tags: int) -> tuple[dict[int, bytes], dict[int, int], int]:
    """Return the texts of the pool and what points to them, by their indexes, and where it ends.

    With ``tags`` only constants of these kinds count as pointing. Raises FormatError, IndexError.
    """
    texts: dict[int, bytes] = {}
    found: dict[int, int] = {}
    pointers: list[int] = []
    at, index = _HEAD.size, 1
    while index < count:
        tag = data[at]
        if tag == _UTF8:
            start = at + 3
            at = start + (data[at + 1] << 8 | data[at + 2])
            texts[index] = data[start:at]
        elif tag in _SIZES:
            if tag in _POINTING:
                pointer = data[at + 1] << 8 | data[at + 2]
                pointers.append(pointer)
                if not tags or tag in tags:
                    found[index] = pointer
            at += _SIZES[tag]
            index += tag in (_LONG, _DOUBLE)  # they take two places (4.4.5)
        else:
            raise FormatError(f"the class file has a constant of the unknown kind {tag}")
        index += 1
    if at > len(data):
        raise FormatError("the class file is cut short")
    if not texts.keys() >= set(pointers):
        raise FormatError("a constant of the class file points to no text")
    return texts, found, at


def text(raw: bytes) -> str:
    """Return a text of the pool as Java sees it (4.4.7); what is none has marks in it."""
    if raw.isascii():
        return raw.decode("ascii")
    try:
        halves = raw.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read(data: bytes) -> ClassFile:
    magic, _minor, major, count = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise FormatError("it is no class file")
    texts, classes, at = pool(data, count, _CLASS)
    _access, this, _super, interfaces = _THIS.unpack_from(data, at)
    if this not in classes:
        raise FormatError("the class file does not say which class it is")
    at += _THIS.size + 2 * interfaces
    at = _members(data, _members(data, at))
    if _attributes(data, at) != len(data):
        raise FormatError("the class file does not end where it says")
    return ClassFile(text(texts[classes[this]]), major, frozenset(texts.values()))


def _members(data: bytes, at: int) -> int:
    """Return where the fields, or the methods, end that begin at a place."""
    (count,) = _U16.unpack_from(data, at)
    at += 2
    for _ in range(count):
        at = _attributes(data, at + 6)
    return at


def _attributes(data: bytes, at: int) -> int:
    (count,) = _U16.unpack_from(data, at)
    at += 2
    for _ in range(count):
        (size,) = _U32.unpack_from(data, at + 2)
        at += 6 + size
    return at
