"""Answers the kernel's questions about a function's system calls, and notes what they name."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import select
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from posixpath import join

from slimmer.errors import UsageError
from slimmer.verify.sandboxes import Launch
from slimmer.verify.trace.syscalls import MACHINES, Access, Call, filter_program

_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # struct seccomp_notif
_ANSWER = struct.Struct("=QqiI")  # struct seccomp_notif_resp
_CONTINUE = 1
_RECEIVE = 0xC0000000 | _NOTIFICATION.size << 16 | ord("!") << 8 | 0
_SEND = 0xC0000000 | _ANSWER.size << 16 | ord("!") << 8 | 1
_LONGEST = 4096  # PATH_MAX, linux/limits.h
_PAGE = 4096
_HERE = -100  # AT_FDCWD, linux/fcntl.h
_STEP_S = 0.1


class Trace:
    """What the processes of a function named so far."""

    def __init__(self) -> None:
        self.accesses: set[Access] = set()
        #: How many calls could not be read or followed; then something may be missing.
        self.unread = 0


@contextmanager
def traced(launch: Launch) -> Iterator[tuple[Launch, Trace]]:
    """Give a launch whose processes are traced, and what they name, complete at the end.

    Raises UsageError where nothing can be traced.
    """
    machine = MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        raise UsageError(f"no files can be traced on {platform.system()} {platform.machine()}")
    ours, theirs = socket.socketpair()
    trace = Trace()
    listener = str(Path(__file__).with_name("listener.py"))
    own = (sys.executable, "-I", "-S", listener, str(theirs.fileno()))
    argv = (*own, filter_program(machine).hex(), *launch.argv)
    options = {**launch.options, "pass_fds": (theirs.fileno(),)}
    stop = threading.Event()
    supervisor = _Supervisor(trace, machine.audit, machine.calls, stop)
    thread = threading.Thread(target=supervisor.serve, args=(ours,), daemon=True)
    thread.start()
    try:
        yield launch._replace(argv=argv, options=options), trace
    finally:
        theirs.close()
        stop.set()
        thread.join()
        ours.close()


class _Supervisor:
    """Reads what each call names, for one run."""

    def __init__(
        self, trace: Trace, audit: int, calls: Mapping[int, Call], stop: threading.Event
    ) -> None:
        self._trace = trace
        self._audit = audit
        self._calls = calls
        self._stop = stop

    def serve(self, channel: socket.socket) -> None:
        """Answer until the run is over and no process is left, or nobody listens."""
        while not select.select([channel], [], [], _STEP_S)[0]:
            if self._stop.is_set():
                return
        try:
            _, given, _, _ = socket.recv_fds(channel, 1, 1)
        except OSError:
            return
        for listener in given:
            try:
                self._answer(listener)
            finally:
                os.close(listener)

    def _answer(self, listener: int) -> None:
        buffer = bytearray(_NOTIFICATION.size)
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while True:
            events = poll.poll(_STEP_S * 1000)
            if not events:
                if self._stop.is_set():
                    return
                continue
            if events[0][1] & select.POLLHUP:
                return  # no process is left
            buffer[:] = bytes(len(buffer))
            with contextlib.suppress(OSError):  # the process ended, or its call was interrupted
                fcntl.ioctl(listener, _RECEIVE, buffer)
                identity, pid, _, number, audit, _, *arguments = _NOTIFICATION.unpack(buffer)
                self._note(
                    pid, self._calls.get(number) if audit == self._audit else None, arguments
                )
                fcntl.ioctl(listener, _SEND, _ANSWER.pack(identity, 0, 0, _CONTINUE))

    def _note(self, pid: int, call: Call | None, arguments: list[int]) -> None:
        if call is None:
            self._trace.unread += 1
            return
        try:
            named = _text(pid, arguments[call.path])
            if not named:
                return  # the descriptor itself, which was opened before
            folder = _HERE if call.folder is None else _signed(arguments[call.folder])
            path = named if named.startswith("/") else join(_folder(pid, folder), named)
        except OSError:
            self._trace.unread += 1
            return
        self._trace.accesses.add(Access(call.kind, path))


def _signed(value: int) -> int:
    return (value & 0xFFFFFFFF) - ((value & 0x80000000) << 1)


def _text(pid: int, address: int) -> str:
    """Return the text in a process's memory, which ends with a zero byte."""
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        text = bytearray()
        while len(text) < _LONGEST:
            at = address + len(text)
            text += os.pread(memory, _PAGE - at % _PAGE, at)  # the next page may not be there
            end = text.find(0)
            if end >= 0:
                return os.fsdecode(bytes(text[:end]))
        return ""
    finally:
        os.close(memory)


def _folder(pid: int, descriptor: int) -> str:
    """Return the folder that a relative path starts in, as the process sees it."""
    name = "cwd" if descriptor == _HERE else f"fd/{descriptor}"
    path = str(Path(f"/proc/{pid}/{name}").readlink())
    root = str(Path(f"/proc/{pid}/root").readlink())
    return path.removeprefix(root) if root != "/" else path
