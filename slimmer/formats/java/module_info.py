"""The descriptor of a module, ``module-info.class``.

Source: Java Virtual Machine Specification, 4.7.25 (the attribute Module), 4.4.11 and 4.4.12.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from slimmer.formats import FormatError
from slimmer.formats.java.classes import MAGIC, pool

_THIS_BYTES: Final = 8  # access_flags, this_class, super_class, interfaces_count
_U16: Final = struct.Struct(">H")
_HEAD: Final = struct.Struct(">4s3H")
_ATTRIBUTE: Final = struct.Struct(">HL")
_REQUIRED: Final = struct.Struct(">3H")
_STATIC: Final = 0x0040  # needed by compilers alone


class ModuleInfo(NamedTuple):
    """What a module says of itself."""

    name: str
    #: The modules without which it does not run.
    requires: tuple[str, ...]
    #: The interfaces, with dots, that others give it implementations of.
    uses: tuple[str, ...]
    #: The interfaces that it implements.
    provides: tuple[str, ...]


def read_module_info(data: bytes) -> ModuleInfo:
    """Return what a descriptor says. Raises FormatError where it is none, broken or cut short."""
    try:
        return _Reader(data).read()
    except (struct.error, IndexError, KeyError):
        raise FormatError("the module's descriptor is cut short") from None


class _Reader:
    def __init__(self, data: bytes) -> None:
        magic, _minor, _major, count = _HEAD.unpack_from(data)
        if magic != MAGIC:
            raise FormatError("it is no class file")
        self._data = data
        self._texts, self._pointers, self._at = pool(data, count)

    def read(self) -> ModuleInfo:
        self._at += _THIS_BYTES
        if self._number() or self._number():
            raise FormatError("a module's descriptor has no fields and no methods")
        for _ in range(self._number()):
            name, size = _ATTRIBUTE.unpack_from(self._data, self._at)
            self._at += _ATTRIBUTE.size
            if self._texts[name] == b"Module":
                return self._module()
            self._at += size
        raise FormatError("the class file is of no module")

    def _module(self) -> ModuleInfo:
        name = self._named()
        self._at += 4  # flags, version
        requires = []
        for _ in range(self._number()):
            index, flags, _version = _REQUIRED.unpack_from(self._data, self._at)
            self._at += _REQUIRED.size
            if not flags & _STATIC:
                requires.append(self._text(index))
        for _ in range(2):  # exports, opens
            for _ in range(self._number()):
                self._at += 4
                self._names()
        uses = self._names()
        provides = []
        for _ in range(self._number()):
            provides.append(self._named())
            self._names()
        dotted = (tuple(each.replace("/", ".") for each in names) for names in (uses, provides))
        return ModuleInfo(name, tuple(requires), *dotted)

    def _names(self) -> list[str]:
        return [self._named() for _ in range(self._number())]

    def _named(self) -> str:
        return self._text(self._number())

    def _text(self, index: int) -> str:
        return self._texts[self._pointers[index]].decode("utf-8", "replace")

    def _number(self) -> int:
        (number,) = _U16.unpack_from(self._data, self._at)
        self._at += 2
        return int(number)
