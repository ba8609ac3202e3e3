"""Makes a private root and runs a command in it: ``python -I namespace_init.py PLAN… COMMAND…``.

This file runs by itself, as a process of its own, where there is no bubblewrap. PLAN is words:
the root, an empty folder; the user and the group; the folder to start in; the bytes of /tmp; how
many mounts there are; and for each its three words, as :class:`slimmer.verify.rootfs.Mount` has
them. Before the count stands 1 for a network of its own, with nothing but its loopback, or 0. The
process stays outside and ends as the command does; the first process inside reaps, and
with it goes everything that is in there (user_namespaces(7), pid_namespaces(7),
mount_namespaces(7)). It exits with 125 when the root cannot be made.

It imports next to nothing: that would take longer than all that it does.
"""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

FAILED = 125

_NEWNS, _NEWIPC, _NEWUSER, _NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000  # sched.h
_NEWNET, _INET, _STREAM, _SIOCSIFFLAGS = 0x40000000, 2, 1, 0x8914  # netdevice(7)
_LOOPBACK_UP = b"lo".ljust(16, b"\0") + (1).to_bytes(2, sys.byteorder) + bytes(22)  # struct ifreq
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32  # linux/mount.h
_BIND, _REC, _PRIVATE = 4096, 16384, 1 << 18
_MOUNT_SETATTR, _RECURSIVE, _ATTR_RDONLY = 442, 0x8000, 1  # the same on every processor
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_SIGKILL = 9
_DEVICES = ("full", "null", "random", "urandom", "zero")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}

_LIBC = ctypes.CDLL(None, use_errno=True)


class Plan:
    """What is to be made, and the command that runs in it."""

    def __init__(self, words: list[str]) -> None:
        self.root, user, group, self.cwd, self.tmp_bytes, network, count = words[:7]
        self.is_private = network == "1"
        self.user, self.group = int(user), int(group)
        mounts, self.command = words[7 : 7 + 3 * int(count)], words[7 + 3 * int(count) :]
        #: The kind, the place and the source of each.
        self.mounts = list(zip(*[iter(mounts)] * 3, strict=True))


def main() -> NoReturn:
    """Make the root as the plan says, run the command in it, and end as it ends."""
    plan = Plan(sys.argv[1:])
    try:
        _die_with_parent()
        _unshare(plan)
        inside = os.fork()
        if inside == 0:
            _die_with_parent()
            _make_root(plan)
            _first_process(plan)
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'a private namespace'}: {error.strerror}\n")
        os._exit(FAILED)
    _end_as(os.waitpid(inside, 0)[1])


def _call(name: str, *args: int | bytes | None, what: str) -> None:
    if getattr(_LIBC, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _die_with_parent() -> None:
    _call("prctl", _PDEATHSIG, _SIGKILL, 0, 0, 0, what="prctl")


def _unshare(plan: Plan) -> None:
    """Leave the machine's namespaces; who is not root becomes Lambda's user in one of his own."""
    user, group = os.geteuid(), os.getegid()
    flags = _NEWNS | _NEWPID | _NEWIPC | (_NEWUSER if user else 0)
    flags |= _NEWNET if plan.is_private else 0
    _call("unshare", flags, what="unshare")
    if user:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{plan.user} {user} 1")
        _write("/proc/self/gid_map", f"{plan.group} {group} 1")
        _forbid_namespaces()
    if plan.is_private:
        _bring_up_loopback()


def _forbid_namespaces() -> None:
    """Let there be no further user namespace in this one, where that can be said."""
    try:
        _write("/proc/sys/user/max_user_namespaces", "0")
    except OSError:
        return


def _bring_up_loopback() -> None:
    """Bring up the one interface of a new network."""
    handle = _LIBC.socket(_INET, _STREAM, 0)
    _call("ioctl", handle, _SIOCSIFFLAGS, _LOOPBACK_UP, what="lo")
    os.close(handle)


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    os.write(handle, text.encode())
    os.close(handle)


def _mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    raw = [os.fsencode(source), os.fsencode(target), kind.encode() if kind else None]
    _call("mount", *raw, flags, data.encode(), what=target)


def _make_root(plan: Plan) -> None:
    root = plan.root
    _mount("none", "/", None, _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "mode=755,size=16m")
    for kind, place, source in plan.mounts:
        _put(kind, root + place, source, plan)
    for place in (root + "/dev", root):
        kept = os.statvfs(place).f_flag & (_NODEV | _NOEXEC)
        _mount("none", place, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | kept)
    os.chroot(root)
    os.chdir(plan.cwd)


def _put(kind: str, target: str, source: str, plan: Plan) -> None:
    if kind == "link":
        os.symlink(source, target)
    elif kind in ("bind", "own"):
        _make_place(target, is_folder=os.path.isdir(source))
        _mount(source, target, None, _BIND | _REC)
        if kind == "bind":
            _read_only(target)
    elif kind == "nothing":
        _mount("/dev/null", target, None, _BIND)
    elif kind == "empty":
        _mount("tmpfs", target, "tmpfs", _RDONLY | _NOSUID | _NODEV, "mode=755")
    elif kind == "tmp":
        _make_place(target, is_folder=True)
        size = f"mode=1777,size={plan.tmp_bytes}"
        _mount("tmpfs", target, "tmpfs", _NOSUID | _NODEV, size)
    elif kind == "proc":
        _proc(target)
    else:
        _devices(target)


def _read_only(target: str) -> None:
    """Make a mount, and all that is mounted in it, read-only (mount_setattr(2), Linux 5.12)."""
    attributes = (ctypes.c_uint64 * 4)(_ATTR_RDONLY, 0, 0, 0)
    raw = os.fsencode(target)
    done = _LIBC.syscall(_MOUNT_SETATTR, -1, raw, _RECURSIVE, attributes, ctypes.sizeof(attributes))
    if done != 0:  # an older kernel: the mount itself, at least
        kept = os.statvfs(target).f_flag & (_NOSUID | _NODEV | _NOEXEC)
        _mount("none", target, None, _REMOUNT | _BIND | _RDONLY | kept)


def _make_place(target: str, *, is_folder: bool) -> None:
    os.makedirs(target if is_folder else os.path.dirname(target), 0o755, exist_ok=True)
    if not is_folder and not os.path.lexists(target):  # as in an image, which is read-only here
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def _proc(target: str) -> None:
    """Mount a /proc of the new processes; inside some containers only the machine's may be."""
    _make_place(target, is_folder=True)
    try:
        _mount("proc", target, "proc", _NOSUID | _NODEV)
    except PermissionError:
        _mount("/proc", target, None, _BIND | _REC)


def _devices(target: str) -> None:
    _make_place(target, is_folder=True)
    _mount("tmpfs", target, "tmpfs", _NOSUID, "mode=755,size=64k")
    for name in _DEVICES:
        _make_place(f"{target}/{name}", is_folder=False)
        _mount(f"/dev/{name}", f"{target}/{name}", None, _BIND)
    for name, to in _LINKS.items():
        os.symlink(to, f"{target}/{name}")


def _first_process(plan: Plan) -> NoReturn:
    """Start the command as Lambda's user, and reap until it ends; the kernel ends the rest."""
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(plan.group, plan.group, plan.group)
            os.setresuid(plan.user, plan.user, plan.user)
        _call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0, what="prctl")
        os.setsid()
        os.execv(plan.command[0], plan.command)  # noqa: S606 - the stage that the runner gives
    while True:
        ended, status = os.wait()
        if ended == child:
            _end_as(status)


def _end_as(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
