"""Whether Lambda could start a program at all: each reason why not, in one line.

``execve(2)`` names them: no such file, no permission, an interpreter that is not there,
a file that is no program, or one for another processor.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from slimmer.text import printable

HEAD_BYTES = 1 << 16  # of a program that are looked at

_PT_INTERP = 3
_MACHINES = {62: "x86_64", 183: "aarch64"}  # e_machine, as uname says it


def why_not(name: str, head: bytes, mode: int, machine: str, exists: Callable[[str], bool]) -> str:
    """Return why a program cannot be started, empty where nothing speaks against it.

    ``head`` is how it begins, ``machine`` this processor, and ``exists`` says whether an
    absolute path is there for the program.
    """
    if not mode & 0o001:
        how = "chmod 755 it, and zip it on Linux or macOS"
        return f"{name} is not executable for Lambda's user; {how}"
    if head.startswith(b"\x7fELF"):
        return _elf(name, head, machine, exists)
    if not head.startswith(b"#!"):
        return f"{name} has no '#!' and is no ELF program; begin it with #!/bin/sh"
    line = head.partition(b"\n")[0][2:].decode("utf-8", "backslashreplace")
    interpreter = line.strip(" \t").split(" ")[0].split("\t")[0]
    if interpreter.endswith("\r"):
        return f"{name} has CRLF line ends, so its interpreter is not found; save it with LF"
    if not interpreter or not exists(interpreter):
        return f"{name} asks for the interpreter {printable(interpreter)!r}, which is not there"
    return ""


def _elf(name: str, head: bytes, machine: str, exists: Callable[[str], bool]) -> str:
    if len(head) < 64 or head[4:6] != b"\x02\x01":
        return f"{name} is no 64-bit little-endian ELF program, which is all that Lambda starts"
    meant = _MACHINES.get(struct.unpack_from("<H", head, 18)[0], "another processor")
    if meant != machine:
        return f"{name} is for {meant}, and this machine is {machine}; verify it on such a one"
    interpreter = _interpreter(head)
    if interpreter and not exists(interpreter):
        return f"{name} asks for the loader {printable(interpreter)!r}, which is not there"
    return ""


def _interpreter(head: bytes) -> str:
    """Return the loader that an ELF program names; empty for a static one."""
    place, size, count = (*struct.unpack_from("<Q", head, 32), *struct.unpack_from("<2H", head, 54))
    for at in range(place, place + size * count, size or 1):
        if at + 56 > len(head) or size < 56:
            return ""
        kind, _, offset, _, _, length = struct.unpack_from("<2L4Q", head, at)
        if kind == _PT_INTERP:
            return head[offset : offset + length].rstrip(b"\0").decode("utf-8", "backslashreplace")
    return ""
