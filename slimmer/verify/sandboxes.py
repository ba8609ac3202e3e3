"""The ways to keep a function apart from this machine, the best first.

``bwrap`` is bubblewrap; ``unshare`` makes the same namespaces with
:mod:`slimmer.verify.namespace_init`; ``none`` keeps nothing apart. Which of them works is found
out by trying.
"""

from __future__ import annotations

import json
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
from slimmer.verify.rootfs import FUNCTION, GROUP, TMP_BYTES, USER, Mount

NONE = "none"
UNPROVEN = (
    "no sandbox ({reasons}): not proven is that it runs from /opt and /var/task, without what "
    "this machine has, and without writing anywhere but to /tmp"
)
_TRY_S = 20


class RootfsSpec(NamedTuple):
    """What a sandbox is made of: mounts in order, and an empty folder that it may use."""

    mounts: tuple[Mount, ...]
    root: Path


class Launch(NamedTuple):
    """How a command is started in a sandbox.

    ``argv`` stands before the command, ``options`` are for Popen. ``depth`` is how many
    processes of the sandbox stand above those of the function.
    """

    argv: tuple[str, ...]
    options: dict[str, Any]
    depth: int


def _bwrap(rootfs: RootfsSpec) -> Launch:
    """Return bubblewrap with a mount by mount; root becomes Lambda's user before."""
    argv = [_which("bwrap"), "--unshare-user", "--uid", str(USER), "--gid", str(GROUP)]
    argv += ["--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session"]
    for mount in rootfs.mounts:
        argv += _BWRAP[mount.kind](mount)
    argv += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", FUNCTION, "--"]
    options = {"user": USER, "group": GROUP, "extra_groups": ()} if os.geteuid() == 0 else {}
    return Launch(tuple(argv), options, 2)


_BWRAP: dict[str, Callable[[Mount], list[str]]] = {
    "bind": lambda mount: ["--ro-bind", mount.source, mount.place],
    "link": lambda mount: ["--symlink", mount.source, mount.place],
    "tmp": lambda mount: ["--perms", "1777", *_tmp_size(), "--tmpfs", mount.place],
    "empty": lambda mount: ["--tmpfs", mount.place, "--remount-ro", mount.place],
    "nothing": lambda mount: ["--ro-bind", "/dev/null", mount.place],
    "proc": lambda mount: ["--proc", mount.place],
    "dev": lambda mount: ["--dev", mount.place],
}


def _unshare(rootfs: RootfsSpec) -> Launch:
    plan = {
        "root": str(rootfs.root),
        "mounts": rootfs.mounts,
        "user": USER,
        "group": GROUP,
        "cwd": FUNCTION,
        "tmp_bytes": TMP_BYTES,
    }
    argv = (
        sys.executable,
        "-I",
        "-S",
        str(Path(__file__).with_name("namespace_init.py")),
        json.dumps(plan),
    )
    return Launch(argv, {}, 2)


def _none(_room: RootfsSpec) -> Launch:
    return Launch((), {}, 0)


SANDBOXES: dict[str, Callable[[RootfsSpec], Launch]] = {
    "bwrap": _bwrap,
    "unshare": _unshare,
    NONE: _none,
}


def choose(wanted: str | None, rootfs: RootfsSpec) -> tuple[str, Launch, str]:
    """Return the sandbox that is used: its name, how to start in it, and a warning or nothing.

    Without ``wanted`` it is the first that works here. Raises UsageError when the wanted
    one does not.
    """
    reasons: list[str] = []
    for name in [wanted] if wanted else SANDBOXES:
        reason = _reason(name, rootfs)
        if not reason:
            why = "; ".join(reasons) or "--sandbox none"
            warning = UNPROVEN.format(reasons=why) if name == NONE else ""
            return name, SANDBOXES[name](rootfs), warning
        reasons.append(f"{name}: {reason}")
    raise UsageError(f"--sandbox {reasons[0]}; leave --sandbox out to take what works here")


def _reason(name: str, rootfs: RootfsSpec) -> str:
    """Return why a sandbox does not work here, found out by running ``true`` in it."""
    if name == NONE:
        return ""
    if platform.system() != "Linux":
        return "only Linux has it"
    if name == "bwrap" and not _which("bwrap"):
        return "not installed"
    launch = SANDBOXES[name](rootfs)
    try:
        done = subprocess.run(  # noqa: S603 - slim's own argv
            [*launch.argv, "/bin/true"],
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
def _has_size(bwrap: str) -> bool:
    """Return whether this bubblewrap can limit a tmpfs, which came with 0.7."""
    done = subprocess.run(  # noqa: S603 - found on PATH
        [bwrap, "--help"], capture_output=True, text=True, errors="replace", check=False
    )
    return "--size" in done.stdout + done.stderr


def _tmp_size() -> Sequence[str]:
    return ("--size", str(TMP_BYTES)) if _has_size(_which("bwrap")) else ()
