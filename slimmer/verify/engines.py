"""Docker and Podman as sandboxes: the function runs in a container of an image like AWS's own.

As root the container has no network but its loopback: slim listens there, in the container's own
network namespace (setns(2)), so nothing has to be put into the image. Others than root may not do
that, and the container shares this machine's network.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from slimmer.errors import InputError, UsageError
from slimmer.programs.guarded import answer_of
from slimmer.text import printable
from slimmer.verify.rootfs import (
    FUNCTION,
    GROUP,
    HOST_NAMES,
    LAYERS,
    OPEN_FILES,
    PROCESSES,
    TMP_BYTES,
    USER,
)

BOOTSTRAP = "/var/runtime/bootstrap"  # of AWS's images for managed runtimes

_PORT = 9001  # where Lambda's own Runtime API listens
_NEWNET = 0x40000000  # linux/sched.h
_ASK_S = 60
_ABSENT = re.compile("no such image|image not known", re.IGNORECASE)
#: What an image knows better than we: where its programs are.
_OF_IMAGES = frozenset({"PATH", "LD_LIBRARY_PATH", "LANG", "TZ"})


class Container(NamedTuple):
    """A container that is to be, or is: ``is_private`` is whether it has a network of its own."""

    engine: str
    name: str
    env: Mapping[str, str]
    is_private: bool

    def argv(self, image: str, own: Mapping[str, str]) -> tuple[str, ...]:
        """Return what runs a command in it; ``own`` says what lies at /opt and /var/task."""
        network = "none" if self.is_private else "host"
        tmp = f"/tmp:rw,exec,nosuid,nodev,mode=1777,size={TMP_BYTES}"  # noqa: S108 - inside
        most = {"nofile": OPEN_FILES, "nproc": PROCESSES}
        limits = [f"--ulimit={name}={count}:{count}" for name, count in most.items()]
        mounts = [f"--volume={own[place]}:{place}:ro" for place in (LAYERS, FUNCTION)]
        names = [f"--add-host={name}:127.0.0.1" for name in HOST_NAMES] if self.is_private else []
        return (
            *(self.engine, "run", "--rm", "--interactive", f"--name={self.name}"),
            *(f"--network={network}", "--read-only", f"--tmpfs={tmp}", f"--user={USER}:{GROUP}"),
            *("--cap-drop=ALL", "--security-opt=no-new-privileges", "--pull=never"),
            "--stop-signal=SIGKILL",
            *(*limits, *mounts, *names, f"--workdir={FUNCTION}", "--entrypoint=", image),
        )

    @property
    def address(self) -> str:
        """The address of the APIs inside it, where that is not this machine's."""
        return f"127.0.0.1:{_PORT}" if self.is_private else ""

    def variables(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return an environment with that of the image, where that knows better."""
        known = {name: value for name, value in self.env.items() if name in _OF_IMAGES}
        return {**self.env, **env, **known}

    def process(self, mark: str) -> int:
        """Return its first process, which has ``mark`` in its command line. Raises InputError."""
        done = _ask(self.engine, "inspect", "--format={{.State.Pid}}", self.name)
        text = done.stdout.strip()
        with contextlib.suppress(OSError):
            if text.isdigit() and mark.encode() in Path("/proc", text, "cmdline").read_bytes():
                return int(text)
        raise InputError(f"{self.engine} does not run its containers on this machine; run it here")

    def listen(self, process: int) -> socket.socket:
        """Return a socket that listens on its loopback."""
        with _inside(process):
            return socket.create_server(("127.0.0.1", _PORT))

    def remove(self) -> None:
        """Remove it, whatever it is at."""
        _ask(self.engine, "rm", "--force", self.name)


def connect(process: int | None, port: int) -> socket.socket:
    """Return a connection to a port on the loopback of a process, or of this one."""
    with _inside(process) if process else contextlib.nullcontext():
        return socket.create_connection(("127.0.0.1", port), 1)


def container(engine: str, image: str, *, is_managed: bool) -> Container:
    """Return a container of an image; it is tried whether one can be run.

    Raises UsageError where there is no engine, no image, or nothing in it that starts functions.
    """
    if not image:
        raise UsageError(
            f"--sandbox {engine} needs --image, such as public.ecr.aws/lambda/provided:al2023"
        )
    env = dict(line.partition("=")[::2] for line in _tried(engine, image, is_managed))
    return _new(engine, env)


def _new(engine: str, env: Mapping[str, str]) -> Container:
    name = f"slim-verify-{secrets.token_hex(6)}"
    return Container(engine, name, env, is_private=os.geteuid() == 0)


@cache
def _tried(engine: str, image: str, is_managed: bool) -> tuple[str, ...]:
    """Return the environment of an image in which functions can be started. Raises UsageError."""
    option, shown = f"--sandbox {engine}", printable(image)
    if not shutil.which(engine):
        raise UsageError(f"{option}: there is no {engine} on PATH; install it, or leave it out")
    about = _ask(engine, "image", "inspect", "--format={{json .Config.Env}}", image)
    if about.returncode != 0:
        if _ABSENT.search(about.stderr):
            raise UsageError(f"--image {shown} is not here; bring it with {engine} pull {shown}")
        raise UsageError(f"{option}: {_last_line(about.stderr)}")
    test = f"test -x {BOOTSTRAP}" if is_managed else "true"
    trial = _new(engine, {})
    places = dict.fromkeys((LAYERS, FUNCTION), "/usr/share")
    try:
        done = _ran(*trial.argv(image, places), "/bin/sh", "-c", f"{test} || exit 3")
    except BaseException:
        trial.remove()
        raise
    if done.returncode == 3:
        raise UsageError(
            f"--image {shown} has no {BOOTSTRAP}; name the image of AWS's for this runtime, or "
            "leave --runtime out to start the function's own bootstrap"
        )
    if done.returncode != 0:
        trial.remove()
        raise UsageError(f"{option} --image {shown}: {_last_line(done.stderr)}")
    return tuple(json.loads(about.stdout) or ())


def _ask(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        done = answer_of((shutil.which(words[0]) or words[0], *words[1:]), _ASK_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(words, 1, "", str(error))
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(words, done.returncode, out, err)


def _ran(*words: str) -> subprocess.CompletedProcess[str]:
    """Run what ends by itself, also after slim: an engine that is killed leaves its container."""
    try:
        return subprocess.run(  # noqa: S603 - slim's own argv
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(words, 1, "", str(error))


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if not line.startswith("See '")]
    return printable(lines[-1]) if lines else "it did not say why"


@contextlib.contextmanager
def _inside(process: int) -> Iterator[None]:
    """Let this thread be in the network of a process, and back in its own afterwards."""
    with _network("thread-self") as own, _network(str(process)) as other:
        _enter(other)
        try:
            yield
        finally:
            _enter(own)


@contextlib.contextmanager
def _network(process: str) -> Iterator[int]:
    """Give a handle of the network namespace of a process."""
    handle = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _enter(handle: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(handle, _NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "setns")
