"""Runs a layer as Lambda would: read-only at /opt, the host's own Erlang out of sight.

A new root is put together in a private mount namespace, so nothing changes on the host and every
mount goes with the last process. Root makes the namespace itself and then becomes a plain user, as
functions are; anyone else needs user namespaces.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from tests.real.need import absent
from tests.real.runtime_api import Answer, RuntimeApi

_LAMBDA = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_NAME": "test",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_REGION": "eu-central-1",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LANG": "en_US.UTF-8",
    "LD_LIBRARY_PATH": "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib"
    ":/opt/lib",
    "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "TZ": ":UTC",
    "_HANDLER": "function.handle",
}

# $1 the layer, $2 the function, $3 an empty folder for the new root, $4 the options of chroot
_ENTER = """
set -eu
umask 022
layer=$1 function=$2 root=$3 options=$4
shift 4
mount -t tmpfs -o mode=755 tmpfs "$root"
for name in bin dev etc lib lib32 lib64 libx32 proc sbin sys usr; do
  if [ -h "/$name" ]; then
    cp -P "/$name" "$root/$name"
  elif [ -d "/$name" ]; then
    mkdir "$root/$name"
    mount --rbind "/$name" "$root/$name"
  fi
done
for name in bin etc lib lib32 lib64 libx32 sbin usr; do
  if [ -d "$root/$name" ] && [ ! -h "$root/$name" ]; then
    mount -o remount,bind,ro "$root/$name"
  fi
done
for folder in lib lib64 local/lib; do
  for name in erlang elixir; do
    if [ -d "$root/usr/$folder/$name" ]; then
      mount -t tmpfs tmpfs "$root/usr/$folder/$name"
    fi
  done
done
for folder in bin local/bin; do
  for name in beam.smp elixir erl erlexec escript iex mix; do
    if [ -f "$root/usr/$folder/$name" ] && [ ! -h "$root/usr/$folder/$name" ]; then
      mount --bind /dev/null "$root/usr/$folder/$name"
    fi
  done
done
mkdir -p "$root/opt" "$root/var/task" "$root/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$layer" "$root/opt"
mount --bind "$function" "$root/var/task"
for place in "$root/opt" "$root/var/task" "$root"; do
  mount -o remount,bind,ro "$place"
done
# shellcheck disable=SC2086 # several options
exec chroot $options "$root" env -i -C /var/task "$@"
"""

_BOOTSTRAP = """
for start in /var/task/bootstrap /opt/bootstrap; do
  if [ -e "$start" ]; then exec "$start"; fi
done
echo "Runtime.InvalidEntrypoint: neither /var/task/bootstrap nor /opt/bootstrap is there" >&2
exit 1
"""


@dataclass(frozen=True)
class Outcome:
    status: int | None  # exit code; None when it was still running and had to be ended
    output: str  # standard output and standard error together
    seconds: float
    answers: tuple[Answer, ...] = ()


def invoke(
    layer: Path,
    events: Sequence[bytes],
    *,
    function: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> Outcome:
    """Start the bootstrap and give it the events; it is ended when all are answered."""
    _require()
    with RuntimeApi(events) as api:
        variables = {"AWS_LAMBDA_RUNTIME_API": api.address, **(env or {})}
        with _job(layer, function, variables, ["sh", "-c", _BOOTSTRAP]) as job:
            while not api.done(0.02) and job.status() is None and job.seconds() < timeout:
                pass
            if any(answer.kind == "init error" for answer in api.answers):
                job.wait(2)  # it has said that it cannot go on, so it should end by itself
            return Outcome(job.status(), job.output(), job.seconds(), tuple(api.answers))


def run(
    layer: Path,
    argv: Sequence[str],
    *,
    function: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> Outcome:
    """Run any command where the layer is at /opt."""
    _require()
    with _job(layer, function, env or {}, argv) as job:
        job.wait(timeout)
        return Outcome(job.status(), job.output(), job.seconds())


class _Job:
    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self._process = process
        self._log = log
        self._began = time.monotonic()

    def status(self) -> int | None:
        return self._process.poll()

    def wait(self, timeout: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def output(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def _job(
    layer: Path, function: Path | None, env: Mapping[str, str], argv: Sequence[str]
) -> Iterator[_Job]:
    with (
        tempfile.TemporaryFile() as log,
        tempfile.TemporaryDirectory() as root,
        tempfile.TemporaryDirectory() as empty,
    ):
        Path(empty).chmod(0o755)
        task = function or Path(empty)
        _check_readable(layer, task)
        variables = [f"{name}={value}" for name, value in {**_LAMBDA, **env}.items()]
        places = [str(layer.resolve()), str(task.resolve()), root]
        command = [*_unshare(), "sh", "-c", _ENTER, "sh", *places, _user(), *variables, *argv]
        job = _Job(
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ),
            log,
        )
        try:
            yield job
        finally:
            job.kill()


def _is_root() -> bool:
    return os.geteuid() == 0


def _unshare() -> list[str]:
    return ["unshare", "-m"] if _is_root() else ["unshare", "-rm"]


def _user() -> str:
    return "--userspec=65534:65534 --groups=65534" if _is_root() else ""


def _check_readable(*folders: Path) -> None:
    """Lambda itself makes /opt and /var/task; here it is the mode of the folder that is given."""
    for folder in folders:
        if _is_root() and folder.stat().st_mode & 0o005 != 0o005:
            raise ValueError(f"{folder} must be readable to all: the function runs as a plain user")


def _require() -> None:
    reason = _reason()
    if reason is not None:
        absent(reason)


@cache
def _reason() -> str | None:
    """Why there can be no sandbox here, found out by making one."""
    missing = [tool for tool in ("unshare", "mount", "chroot") if not shutil.which(tool)]
    if missing:
        return f"no sandbox: {missing[0]} is not on PATH"
    with tempfile.TemporaryDirectory() as layer:
        Path(layer).chmod(0o755)
        with _job(Path(layer), None, {}, ["true"]) as job:
            job.wait(10)
            return None if job.status() == 0 else f"no sandbox: {job.output().strip()}"
