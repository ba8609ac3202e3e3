"""The ways to keep a function apart from this machine, the best first.

``bwrap`` is bubblewrap; ``unshare`` makes the same namespaces with
:mod:`slimmer.verify.namespace_init`; ``none`` keeps nothing apart. Which of them works is found
out by trying.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from slimmer.errors import UsageError
from slimmer.programs.guarded import answer_of, guarded
from slimmer.verify.engines import Container
from slimmer.verify.model import NONE
from slimmer.verify.rootfs import FUNCTION, GROUP, PROCESSES, TMP_BYTES, USER, Mount
from slimmer.verify.stage import Shell

UNPROVEN = (
    "no sandbox (--sandbox none): not proven is that it runs from /opt and /var/task, without what "
    "this machine has, and without writing anywhere but to /tmp"
)
_TRY_S = 20


class RootfsSpec(NamedTuple):
    """What a sandbox is made of: mounts in order, and an empty folder that it may use.

    ``cwd`` is where it starts, and ``shell`` what starts programs in it. ``is_private`` is
    whether it has a network of its own, with nothing but its loopback.
    """

    mounts: tuple[Mount, ...]
    root: Path
    cwd: str = FUNCTION
    shell: Shell = Shell()
    is_private: bool = False


class Launch(NamedTuple):
    """How a command is started in a sandbox.

    ``argv`` stands before the command, ``options`` are for Popen. ``depth`` is how many
    processes of the sandbox stand above those of the function; ``is_apart`` is whether it
    keeps the function apart at all. ``processes`` is how many the function may have, 0 for any
    number. ``container`` is what it runs in, if it is one.
    """

    argv: tuple[str, ...]
    options: dict[str, Any]
    depth: int
    is_apart: bool = True
    processes: int = 0
    container: Container | None = None
    shell: Shell = Shell()

    @property
    def is_offline(self) -> bool:
        """Whether the function reaches no network."""
        return self.container is not None and self.container.is_private


def _bwrap(rootfs: RootfsSpec) -> Launch:
    """Return bubblewrap with a mount by mount; root becomes Lambda's user before."""
    argv = [_which("bwrap"), "--unshare-user", "--uid", str(USER), "--gid", str(GROUP)]
    argv += ["--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session"]
    argv += ["--unshare-net"] if rootfs.is_private else []
    argv += ["--disable-userns"] if _has(argv[0], "--disable-userns") else []
    for mount in rootfs.mounts:
        argv += _BWRAP[mount.kind](mount)
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", rootfs.cwd, "--"]
    options = {"user": USER, "group": GROUP, "extra_groups": ()} if os.geteuid() == 0 else {}
    return Launch(tuple(argv), options, 2, processes=_most_processes(), shell=rootfs.shell)


_BWRAP: dict[str, Callable[[Mount], list[str]]] = {
    "bind": lambda mount: ["--ro-bind", mount.source, mount.place],
    "own": lambda mount: ["--bind", mount.source, mount.place],
    "link": lambda mount: ["--symlink", mount.source, mount.place],
    "tmp": lambda mount: ["--perms", "1777", *_tmp_size(), "--tmpfs", mount.place],
    "empty": lambda mount: ["--tmpfs", mount.place, "--remount-ro", mount.place],
    "nothing": lambda mount: ["--ro-bind", "/dev/null", mount.place],
    "proc": lambda mount: ["--proc", mount.place],
    "dev": lambda mount: ["--dev", mount.place],
}


def _unshare(rootfs: RootfsSpec) -> Launch:
    init = str(Path(__file__).with_name("namespace_init.py"))
    network = int(rootfs.is_private)
    plan = (rootfs.root, USER, GROUP, rootfs.cwd, TMP_BYTES, network, len(rootfs.mounts))
    mounts = [word for mount in rootfs.mounts for word in mount]
    argv = (sys.executable, "-I", "-S", init, *map(str, plan), *mounts)
    return Launch(argv, {}, 2, processes=_most_processes(), shell=rootfs.shell)


def _none(_room: RootfsSpec) -> Launch:
    """Return nothing that keeps it apart, but what ends it with slim."""
    return Launch(guarded(()), {}, 1, is_apart=False)


def _most_processes() -> int:
    """Return how many processes a function may have, 0 where the limit would count others too.

    The kernel counts those of a user; since Linux 5.14, of a user in a user namespace.
    """
    numbers = [int(part) for part in platform.release().split("-")[0].split(".")[:2]]
    return PROCESSES if os.geteuid() == 0 or numbers >= [5, 14] else 0


SANDBOXES: dict[str, Callable[[RootfsSpec], Launch]] = {
    "bwrap": _bwrap,
    "unshare": _unshare,
    NONE: _none,
}


def choose(
    wanted: str | None, rootfs: RootfsSpec, *, may_be_none: bool = True
) -> tuple[str, Launch, str]:
    """Return the sandbox that is used: its name, how to start in it, and a warning or nothing.

    ``may_be_none`` is whether the function could run without one. Without ``wanted`` it is the
    first that works here; a function is never run in none unless that is wanted. Raises UsageError
    when the wanted one does not work, or none does.
    """
    if wanted:
        if reason := _reason(wanted, rootfs):
            raise UsageError(
                f"--sandbox {wanted}: {reason}; leave --sandbox out to take what works here"
            )
        warning = UNPROVEN if wanted == NONE else ""
        return wanted, SANDBOXES[wanted](rootfs), warning
    reasons: list[str] = []
    for name, launch in SANDBOXES.items():
        if name != NONE:
            reason = _reason(name, rootfs)
            if not reason:
                return name, launch(rootfs), ""
            reasons.append(f"{name}: {reason}")
    bare = ", or say --sandbox none to run the function with your own rights"
    raise UsageError(
        f"no sandbox works here ({'; '.join(reasons)}); install bubblewrap"
        f"{bare if may_be_none else ', without which no image is run'}"
    )


def _reason(name: str, rootfs: RootfsSpec) -> str:
    """Return why a sandbox does not work here, found out by running its shell in it."""
    if name == NONE:
        return ""
    if platform.system() != "Linux":
        return "only Linux has it"
    if name == "bwrap" and not _which("bwrap"):
        return "not installed"
    launch = SANDBOXES[name](rootfs)
    try:
        done = subprocess.run(  # noqa: S603 - slim's own argv
            [*launch.argv, *launch.shell.sh, "-c", ":"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TRY_S,
            check=False,
            **launch.options,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return "" if done.returncode == 0 else said[-1]


def _which(tool: str) -> str:
    return shutil.which(tool) or ""


@cache
def _has(bwrap: str, option: str) -> bool:
    """Return whether this bubblewrap has an option; one is as old as the machine's packages."""
    done = answer_of((bwrap, "--help"), _TRY_S)
    return option.encode() in done.stdout + done.stderr


def _tmp_size() -> Sequence[str]:
    return ("--size", str(TMP_BYTES)) if _has(_which("bwrap"), "--size") else ()
