"""The system calls that name a file, and the filter that asks about them: values only.

Sources: the kernel's ``unistd.h`` of each processor, ``linux/audit.h``, ``linux/seccomp.h`` and
``linux/bpf_common.h``; seccomp(2) on what a filter is given.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Mapping
from typing import NamedTuple


class Kind(enum.Enum):
    """What a process does with a file that it names."""

    OPEN = "open"
    RUN = "run"
    LOOK = "look"  # asks whether it is there, for what it is, or where it leads


class Call(NamedTuple):
    """What a system call does, and which arguments name the file, counted from 0."""

    kind: Kind
    path: int
    #: The argument with the descriptor of the folder that a path starts in; None: where it works.
    folder: int | None = None


class Machine(NamedTuple):
    """A processor: what the kernel calls it, and its calls by their numbers."""

    audit: int
    calls: Mapping[int, Call]


_AT = 1, 0  # the path, and the folder before it
MACHINES: Mapping[str, Machine] = {
    "x86_64": Machine(
        0xC000003E,
        {
            2: Call(Kind.OPEN, 0),  # open
            4: Call(Kind.LOOK, 0),  # stat
            6: Call(Kind.LOOK, 0),  # lstat
            21: Call(Kind.LOOK, 0),  # access
            59: Call(Kind.RUN, 0),  # execve
            89: Call(Kind.LOOK, 0),  # readlink
            257: Call(Kind.OPEN, *_AT),  # openat
            262: Call(Kind.LOOK, *_AT),  # newfstatat
            267: Call(Kind.LOOK, *_AT),  # readlinkat
            269: Call(Kind.LOOK, *_AT),  # faccessat
            322: Call(Kind.RUN, *_AT),  # execveat
            332: Call(Kind.LOOK, *_AT),  # statx
            437: Call(Kind.OPEN, *_AT),  # openat2
            439: Call(Kind.LOOK, *_AT),  # faccessat2
        },
    ),
    "aarch64": Machine(
        0xC00000B7,
        {
            48: Call(Kind.LOOK, *_AT),  # faccessat
            56: Call(Kind.OPEN, *_AT),  # openat
            78: Call(Kind.LOOK, *_AT),  # readlinkat
            79: Call(Kind.LOOK, *_AT),  # newfstatat
            221: Call(Kind.RUN, 0),  # execve
            281: Call(Kind.RUN, *_AT),  # execveat
            291: Call(Kind.LOOK, *_AT),  # statx
            437: Call(Kind.OPEN, *_AT),  # openat2
            439: Call(Kind.LOOK, *_AT),  # faccessat2
        },
    ),
}
#: Rings of requests name files where no filter sees it; a program goes without, as on old kernels.
IO_URING_SETUP = 425  # the same on every processor

_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _AUDIT_AT = 0, 4  # in struct seccomp_data
_ALLOW, _ASK, _ERROR = 0x7FFF0000, 0x7FC00000, 0x00050000
_NO_SUCH_CALL = 38  # ENOSYS


def filter_program(machine: Machine) -> bytes:
    """Return the filter, as instructions of classic BPF, eight bytes each.

    It asks about the machine's calls, and about every call of a program for another one, so that
    nobody takes it for traced.
    """
    numbers = sorted(machine.calls)
    tests = [_instruction(_IF_EQUAL, IO_URING_SETUP, then=len(numbers) + 2)]
    tests += [
        _instruction(_IF_EQUAL, number, then=len(numbers) - index)
        for index, number in enumerate(numbers)
    ]
    return b"".join(
        [
            _instruction(_LOAD, _AUDIT_AT),
            _instruction(_IF_EQUAL, machine.audit, then=1),
            _instruction(_RETURN, _ASK),
            _instruction(_LOAD, _NUMBER_AT),
            *tests,
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _ASK),
            _instruction(_RETURN, _ERROR | _NO_SUCH_CALL),
        ]
    )


def _instruction(code: int, value: int, *, then: int = 0) -> bytes:
    """Return a struct sock_filter; ``then`` is how many are skipped where a test holds."""
    return struct.pack("=HBBI", code, then, 0, value)


class Access(NamedTuple):
    """That a process named a file: an absolute path, as the process sees it."""

    kind: Kind
    path: str
