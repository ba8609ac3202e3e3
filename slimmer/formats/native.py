"""What system and processor a program or library is for, told by its first bytes.

Sources: System V ABI (ELF) and the registry of e_machine values; Apple's ``mach-o/loader.h``
and ``mach-o/fat.h``; Microsoft's PE format specification; IBM's "XCOFF Object File Format".
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

HEAD_BYTES: Final = 4_096

X86_64, ARM64 = "x86_64", "arm64"
UNKNOWN = "machine"  # before the number of a processor, or of none: BPF and GPUs have ELF files too

_ELF_MACHINES: Final = {
    3: "x86",
    8: "mips",
    20: "ppc",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    62: X86_64,
    183: ARM64,
    243: "riscv",
    258: "loongarch",
}
_ELF_SYSTEMS: Final = {2: "netbsd", 6: "solaris", 9: "freebsd", 12: "openbsd"}
_MACH_MACHINES: Final = {0x01000007: X86_64, 0x0100000C: ARM64, 7: "x86", 12: "arm"}
_PE_MACHINES: Final = {0x8664: X86_64, 0xAA64: ARM64, 0x14C: "x86", 0x1C4: "arm"}
_DIRECTORIES: Final = {0x10B: 96, 0x20B: 112}  # where a PE's data directories begin, by its magic
_CLI: Final = 14  # IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR
_MAX_FILETYPE: Final = 12  # MH_FILESET
_MAX_SECTIONS: Final = 64  # the linker of AIX writes a dozen
_SHARED_OBJECT: Final = 0x2000  # F_SHROBJ
_MAX_FAT: Final = 20  # what begins like a fat file and says more is a Java class


class Native(NamedTuple):
    """A system and the processors; more than one only in a fat file of macOS."""

    system: str
    processors: tuple[str, ...]


def identify(head: bytes) -> Native | None:
    """Return what a file that begins with ``head`` is for; None for what is no native code.

    Wants the first HEAD_BYTES, or all there are; shorter heads may not be enough.
    """
    if head.startswith(b"\x7fELF"):
        return _elf(head)
    if head.startswith(b"MZ"):
        return _pe(head)
    if head.startswith((b"\x01\xdf", b"\x01\xf7")):
        return _xcoff(head)
    magic = head[:4]
    if magic in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
        return _mach(head, "<")
    if magic in (b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce"):
        return _mach(head, ">")
    return _fat(head) if magic in (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf") else None


def _elf(head: bytes) -> Native | None:
    if len(head) < 20 or head[5] not in (1, 2):
        return None
    machine = struct.unpack_from("<H" if head[5] == 1 else ">H", head, 18)[0]
    name = _ELF_MACHINES.get(machine, f"{UNKNOWN} {machine}")
    name = "x86 (x32)" if name == X86_64 and head[4] == 1 else name
    return Native(_ELF_SYSTEMS.get(head[7], "linux"), (name,))


def _mach(head: bytes, order: str) -> Native | None:
    if len(head) < 16:
        return None
    machine, _, filetype = struct.unpack_from(f"{order}3I", head, 4)
    if not 0 < filetype <= _MAX_FILETYPE:  # other data may begin like this
        return None
    return Native("macos", (_MACH_MACHINES.get(machine, f"{UNKNOWN} {machine}"),))


def _fat(head: bytes) -> Native | None:
    """Return what a fat file holds; a Java class has the same magic, and no small count."""
    size = 20 if head[3] == 0xBE else 32
    if len(head) < 8:
        return None
    (count,) = struct.unpack_from(">I", head, 4)
    if not 0 < count <= _MAX_FAT or len(head) < 8 + count * size:
        return None
    machines = [struct.unpack_from(">I", head, 8 + index * size)[0] for index in range(count)]
    return Native("macos", tuple(_MACH_MACHINES.get(m, f"machine {m}") for m in machines))


def _xcoff(head: bytes) -> Native | None:
    """Return what a library of AIX is for; two bytes are no mark, so more must be as in one."""
    wide = head[1] == 0xF7
    if len(head) < 20 or not 0 < int.from_bytes(head[2:4], "big") <= _MAX_SECTIONS:
        return None
    optional_bytes, flags = struct.unpack_from(">2H", head, 16)
    if optional_bytes != (120 if wide else 72) or not flags & _SHARED_OBJECT:
        return None
    return Native("aix", ("ppc64" if wide else "ppc",))


def _pe(head: bytes) -> Native | None:
    if len(head) < 64:
        return None
    (place,) = struct.unpack_from("<I", head, 60)
    if head[place : place + 4] != b"PE\0\0" or len(head) < place + 6:
        return None
    if _is_managed(head, place + 24):
        return None  # .NET runs it on every system
    (machine,) = struct.unpack_from("<H", head, place + 4)
    return Native("windows", (_PE_MACHINES.get(machine, f"{UNKNOWN} {machine}"),))


def _is_managed(head: bytes, optional: int) -> bool:
    """Return whether a PE file is an assembly of .NET: it has a CLI header (ECMA-335, II.25.3.3).

    ``optional`` is where its optional header begins. One that was compiled ahead for Linux has a
    machine number that no list has.
    """
    if len(head) < optional + 2:
        return False
    directories = _DIRECTORIES.get(int.from_bytes(head[optional : optional + 2], "little"))
    if directories is None or len(head) < optional + directories + (_CLI + 1) * 8:
        return False
    (count,) = struct.unpack_from("<I", head, optional + directories - 4)
    place, size_bytes = struct.unpack_from("<2I", head, optional + directories + _CLI * 8)
    return bool(count > _CLI and place and size_bytes)
