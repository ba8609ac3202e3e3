"""The processes of a run, as /proc shows them: how many, how much memory, and their end.

A process's own most memory is kept by the kernel (VmHWM, proc(5)). Over several it is the
sum of what was resident at the same moment, looked at again and again. Memory that they
share is counted for each, and a process only from its second look on: between fork and
exec it seems to have all that its parent has.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

_PROC = Path("/proc")
_SCHEDULED = 2  # the kind of clock, CPUCLOCK_SCHED in the kernel's posix-timers.h
_CHILD_SUBREAPER = 36  # linux/prctl.h
_GONE_S = 10.0  # on a busy machine even the dead need a while to go
_STAT_BYTES = 256  # more than there is up to the parent, which comes after the name
_LOOKS = 20  # of the time, looking may take one part in so many


class Watch:
    """The most memory and the most processes that a run had; ``depth`` as Launch has it."""

    def __init__(self, pid: int, depth: int) -> None:
        self._pid = pid
        self._depth = depth
        self._before: set[int] = set()
        self._next_s = 0.0
        self.peak_bytes = 0
        self.most = 0

    def cpu_s(self) -> float:
        """Return the CPU seconds that the processes took so far."""
        return cpu_s(self._pid, self._depth)

    def look(self, *, at_once: bool = False) -> None:
        """Look at the processes, unless that was done just now."""
        begin_s = time.monotonic()
        if begin_s < self._next_s and not at_once:
            return
        found = [pid for pid, depth in tree(self._pid).items() if depth >= self._depth]
        sizes = {pid: size for pid in found if (size := _memory(pid)) is not None}
        together = sum(now for pid, (now, _) in sizes.items() if pid in self._before)
        alone = max((most for _, most in sizes.values()), default=0)
        self.peak_bytes = max(self.peak_bytes, together, alone)
        self.most = max(self.most, len(sizes))
        self._before = set(sizes)
        end_s = time.monotonic()
        self._next_s = end_s + max(0.02, (end_s - begin_s) * _LOOKS)


def cpu_s(pid: int, least_depth: int) -> float:
    """Return the CPU seconds of the processes below one, and of their children that ended.

    Those less than ``least_depth`` below it do not count.
    """
    found = [each for each, depth in tree(pid).items() if depth >= least_depth]
    return sum(map(_cpu_s, found))


def _cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and of its children that ended.

    The process's own are exact, by its clock (clock_getcpuclockid(3)); those of children are
    counted in ticks.
    """
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0.0
    times = [int(each) for each in text.rpartition(b")")[2].split()[11:15]]
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    try:
        own_s = time.clock_gettime(~pid << 3 | _SCHEDULED)
    except OSError:
        own_s = (times[0] + times[1]) * tick_s  # utime, stime
    return own_s + (times[2] + times[3]) * tick_s  # cutime, cstime


def tree(pid: int) -> dict[int, int]:
    """Return a process and all below it, each with its depth; where there is no /proc, nothing."""
    children: dict[int, list[int]] = {}
    for folder in os.listdir(_PROC) if _PROC.is_dir() else ():  # noqa: PTH208 - only names
        if folder.isdigit() and (parent := _parent(folder)) is not None:
            children.setdefault(parent, []).append(int(folder))
    found = {pid: 0}
    waiting = [pid]
    while waiting:
        above = waiting.pop()
        for child in children.get(above, ()):
            found[child] = found[above] + 1
            waiting.append(child)
    return found


def children() -> frozenset[int]:
    """Return the children that this process has, zombies included."""
    return frozenset(pid for pid, depth in tree(os.getpid()).items() if depth == 1)


def adopt_orphans() -> None:
    """Become the parent of whatever is left alone below this process, so that it can be ended."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(process: subprocess.Popen[bytes], spared: frozenset[int]) -> int:
    """End a process and all that came of it; return how many are left, which should be none.

    That is everything below this process but ``spared``, its own children from before. What
    forks while others are ended is not missed: whoever loses its parent becomes a child of
    this process (``adopt_orphans``), which alone can reap its children and does not while it
    looks. So whoever lives when a look begins is found, or one above it, dead or alive; and
    it is over only when a look finds no process.
    """
    until_s = time.monotonic() + _GONE_S
    _end_group(process)
    while found := _below(spared):
        if time.monotonic() > until_s:
            return len(found)
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        for pid in found:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)
    process.wait()
    return 0


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process with its group, which is all that can be found where there is no /proc."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _below(spared: frozenset[int]) -> list[int]:
    """Return all processes below this one, but those that are spared and what is below them."""
    kept = {pid for one in spared for pid in tree(one)}
    return [pid for pid, depth in tree(os.getpid()).items() if depth and pid not in kept]


def _parent(pid: str) -> int | None:
    """Return the parent of a process; None for one that is gone. It is asked of all there are."""
    try:
        handle = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return None
    try:
        return int(os.read(handle, _STAT_BYTES).rpartition(b")")[2].split()[1])
    except OSError:
        return None
    finally:
        os.close(handle)


def _memory(pid: int) -> tuple[int, int] | None:
    """Return what a process has resident now, and the most it had; None for one that is gone."""
    try:
        text = (_PROC / str(pid) / "status").read_text("utf-8", "replace")
    except OSError:
        return None
    values = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    if "VmRSS" not in values:
        return None
    return tuple(int(values[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))  # type: ignore[return-value]
