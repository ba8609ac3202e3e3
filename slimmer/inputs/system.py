"""How files are opened and read on systems that lack some of POSIX's calls, such as Windows."""

from __future__ import annotations

import os
import threading

#: To open for reading: no link is followed, and nothing is waited for, where a system can.
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_SEEKING = threading.Lock()


def read_at(handle: int, size_bytes: int, start: int) -> bytes:
    """Return at most ``size_bytes`` from an offset on, from any thread."""
    if hasattr(os, "pread"):
        return os.pread(handle, size_bytes, start)
    with _SEEKING:
        os.lseek(handle, start, os.SEEK_SET)
        return os.read(handle, size_bytes)
