"""Runs a command, and ends all that came of it when slim is gone.

``python -I guardian.py PARENT COMMAND…``, where PARENT is the process id of slim. This file runs
by itself, as a process of its own, where no sandbox does the same: pid_namespaces(7) end with
their first process. It adopts whoever loses its parent below it (prctl(2),
PR_SET_CHILD_SUBREAPER), and the kernel tells it when slim ends, however that is
(PR_SET_PDEATHSIG). SIGTERM ends all, too. It exits as the command does; nothing that this leaves
behind lives on. It imports next to nothing: that would take longer than most commands.
"""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import NoReturn
else:
    import _signal as signal  # the same without its enumerations

CANNOT_START = b"guardian: cannot start it: "  # on standard error, before the errno

_SIGNALS = (signal.SIGUSR1, signal.SIGCHLD, signal.SIGTERM)
_PDEATHSIG, _CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def main() -> NoReturn:
    """Run the command; end everything below when the parent has ended."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    prctl = ctypes.CDLL(None).prctl
    prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(_PDEATHSIG, signal.SIGUSR1, 0, 0, 0)
    child = os.fork()
    if child == 0:
        _start(command)
    asked = 0
    while os.getppid() == parent and asked != signal.SIGTERM:
        _reap(child)
        asked = signal.sigwait(_SIGNALS)
    _end_all()
    os._exit(1)


def _start(command: list[str]) -> NoReturn:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    try:
        os.execv(command[0], command)  # noqa: S606 - what slim was told to run
    except OSError as error:
        os.write(2, CANNOT_START + str(error.errno).encode())
        os._exit(1)


def _reap(child: int) -> None:
    """Reap whoever has ended; exit as the command does once it has."""
    while ended := _ended(os.WNOHANG):
        pid, status = ended
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            _end_all()
            os._exit(code if code >= 0 else 128 - code)
        if pid == 0:
            return


def _ended(options: int) -> tuple[int, int] | None:
    """Return a child that has ended and its status, 0 for no such one; None without a child."""
    try:
        return os.waitpid(-1, options)
    except ChildProcessError:
        return None


def _end_all() -> None:
    """End all that is below this process; the killed leave theirs to it."""
    while _ended(os.WNOHANG):
        for pid in _children():
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                continue


def _children() -> list[int]:
    """Return the processes whose parent is this one."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            handle = os.open(f"/proc/{name}/stat", os.O_RDONLY)
        except OSError:
            continue
        try:
            if int(os.read(handle, 4096).rpartition(b")")[2].split()[1]) == os.getpid():
                found.append(int(name))
        except OSError:
            continue
        finally:
            os.close(handle)
    return found


if __name__ == "__main__":
    main()
