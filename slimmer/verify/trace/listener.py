"""Puts a filter over itself, hands its listener on, and becomes a command.

``python -I -S listener.py SOCKET PROGRAM COMMAND…``: SOCKET is the number of a descriptor, PROGRAM
the filter in hexadecimal digits. This file runs by itself, as a process of its own. The filter is
inherited by all that the command starts (seccomp(2)).
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys
from typing import NoReturn

_NO_NEW_PRIVS = 38  # linux/prctl.h; who has no rights may filter only under it
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8
FAILED = 125


def main() -> NoReturn:
    """Set the filter, send its listener, and run the command."""
    number, program, command = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3:]
    libc = ctypes.CDLL(None, use_errno=True)
    kept = ctypes.create_string_buffer(program)
    given = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
    listener = -1
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        call = _SECCOMP[platform.machine()]
        raw = ctypes.create_string_buffer(given)
        listener = libc.syscall(call, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(raw))
    if listener < 0:
        sys.stderr.write(f"no filter of system calls: {os.strerror(ctypes.get_errno())}\n")
        os._exit(FAILED)
    with socket.socket(fileno=number) as channel:
        socket.send_fds(channel, [b"\0"], [listener])
    os.close(listener)
    os.execv(command[0], command)  # noqa: S606 - the sandbox that the runner gives


if __name__ == "__main__":
    main()
