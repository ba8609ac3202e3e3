"""Connects inside another process's network: ``python -I namespace_connect.py PID PORT HANDLE``.

This file runs by itself, as a process of its own: who is not root enters the user namespace first
that the network belongs to, which no process of several threads may (setns(2), ioctl_ns(2)).
HANDLE is a socket, over which the connection is given back.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import sys

_NEWUSER, _NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_OWNER = 0xB701  # NS_GET_USERNS, linux/nsfs.h
_TIMEOUT_S = 2.0


def main() -> int:
    """Connect, and give the connection back; return 1 where that cannot be."""
    process, port, handle = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        network = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
        if os.geteuid():
            owner = fcntl.ioctl(network, _OWNER)
            if libc.setns(owner, _NEWUSER):
                return 1
        if libc.setns(network, _NEWNET):
            return 1
        found = socket.create_connection(("127.0.0.1", int(port)), _TIMEOUT_S)
    except OSError:
        return 1
    with socket.socket(fileno=int(handle)) as back:
        socket.send_fds(back, [b"."], [found.fileno()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
