"""Whether Linux could start a file at all, told by how it begins.

``execve(2)`` names the reasons: no permission, an interpreter that is not there, a file that
is no program, or one for another processor.
"""

from __future__ import annotations

from collections.abc import Callable

from slimmer.formats import FormatError, Refused
from slimmer.formats.elf.dynamic import read_interpreter
from slimmer.text import printable

HEAD_BYTES = 1 << 16  # of a file that are looked at

_MACHINES = {62: "x86_64", 183: "aarch64"}  # e_machine, as uname says it


def why_not(
    head: bytes,
    *,
    mode: int = 0o755,
    machine: str = "",
    exists: Callable[[str], bool] = lambda _: True,
) -> str:
    """Return why a file cannot be started, as what is said of it; "" for one that can.

    ``head`` is how it begins, HEAD_BYTES of it or all. ``machine`` is the processor as uname
    says it, empty for any; ``exists`` says whether an absolute path is there for the program.
    """
    if not mode & 0o001:
        return "is not executable for Lambda's user; chmod 755 it, and zip it on Linux or macOS"
    if head.startswith(b"\x7fELF"):
        return _elf(head, machine, exists)
    if not head.startswith(b"#!"):
        return "has no '#!' and is not an ELF program; start it with #!/bin/sh"
    line = head.partition(b"\n")[0][2:].decode("utf-8", "backslashreplace")
    if line.endswith("\r"):
        return (
            "has CRLF line ends, so its interpreter is not found; convert it with sed -i 's/\\r$//'"
        )
    interpreter = line.strip(" \t").split(" ")[0].split("\t")[0]
    if not interpreter or not exists(interpreter):
        return f"asks for the interpreter {printable(interpreter)!r}, which is not there"
    return ""


def _elf(head: bytes, machine: str, exists: Callable[[str], bool]) -> str:
    if len(head) < 64 or head[4:6] != b"\x02\x01":
        return "is not a 64-bit little-endian ELF program, the only kind that Lambda starts"
    meant = _MACHINES.get(int.from_bytes(head[18:20], "little"), "another processor")
    if machine and meant != machine:
        return f"is for {meant}, and this machine is {machine}; verify it on such a one"
    try:
        interpreter = read_interpreter(lambda start, size: head[start : start + size])
    except (FormatError, Refused):
        return ""  # nobody can say
    if interpreter and not exists(interpreter):
        return f"asks for the loader {printable(interpreter)!r}, which is not there"
    return ""
