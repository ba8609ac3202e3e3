"""Runs the real command as a user would, and takes pictures of folders to compare."""

import contextlib
import gc
import hashlib
import io
import os
import pty
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimmer.cli import run

SLIM = (sys.executable, "-m", "slimmer")


@dataclass(frozen=True)
class Outcome:
    """What the command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return f"exit code {self.code}\n{self.out}{self.err}"


def slim(
    *args: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
    stdout: int = subprocess.PIPE,
    timeout_s: float = 120,
    umask: int = -1,
    process: bool | None = None,
    stdin: str | None = None,
) -> Outcome:
    """Run ``slim ARGS`` in ``cwd``; ``through`` is a command that starts the rest of its line.

    It runs inside this process, which takes a sixteenth of the time, with the environment,
    folder, umask, streams and garbage collector that a process of its own has. What that cannot
    show: what an interpreter does when it starts (its locale, its streams' encoding, its hash
    seed), signals, standard output that is a pipe, full or closed, a process's rights and
    limits, and a first run that finds no cache of an earlier one. For these say ``process``, or
    give an argument that only a process of its own can have. ``verify`` has one unless told
    otherwise: whoever runs it adopts all that a function starts.
    """
    if process is None:
        process = args[:1] == ("verify",) or "--verify" in args
    if not (
        process
        or through
        or stdin is not None
        or stdout != subprocess.PIPE
        or _needs_process(env or {})
    ):
        return _slim_inside(args, cwd, env or {}, umask)
    done = subprocess.run(
        [*through, *SLIM, *args],
        cwd=cwd,
        env=environment(env or {}),
        umask=umask,
        input=(stdin or "").encode(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=timeout_s,
        check=False,
    )
    return Outcome(done.returncode, _text(done.stdout or b""), _text(done.stderr))


def _needs_process(env: Mapping[str, str]) -> bool:
    """Return whether an interpreter reads one of these variables when it starts."""
    return any(name.startswith(("PYTHON", "LC_", "LANG", "_SLIM")) or name == "TZ" for name in env)


def _slim_inside(args: Sequence[str], cwd: Path, env: Mapping[str, str], umask: int) -> Outcome:
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", "replace")  # as main() sets it
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    with (
        _surroundings(environment(env), umask),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = run(list(args))
    for stream in (out, err):
        stream.flush()
    said = [stream.detach().getvalue() for stream in (out, err)]
    return Outcome(code, *map(_text, said))


@contextlib.contextmanager
def _surroundings(env: Mapping[str, str], umask: int) -> Iterator[None]:
    """Give this process what a new one has, and afterwards what it had."""
    variables, stdin, temporary = dict(os.environ), sys.stdin, tempfile.tempdir
    mask = os.umask(0o022)
    os.umask(mask if umask < 0 else umask)
    _set_environment(env)
    tempfile.tempdir = None  # else it is that of an earlier TMPDIR
    gc.disable()  # as main() does
    try:
        with Path(os.devnull).open(encoding="utf-8") as sys.stdin:
            yield
    finally:
        gc.enable()
        sys.stdin, tempfile.tempdir = stdin, temporary
        _set_environment(variables)
        os.umask(mask)


def _set_environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def on_a_terminal(cwd: Path, *args: str, env: Mapping[str, str] | None = None) -> str:
    """Run ``slim ARGS`` on a terminal of its own, and return all that it shows there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*SLIM, *args], cwd=cwd, env=environment(env or {}), stdout=theirs, stderr=theirs
    ):
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 65_536):
                said += chunk
        except OSError:  # Linux's way to say that the other side is closed
            pass
        finally:
            os.close(ours)
    return said.decode()


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the surroundings with nothing in them that changes how output looks."""
    quiet = {"FORCE_COLOR", "NO_COLOR", "COLUMNS", "PYTHONIOENCODING"}
    return {name: value for name, value in os.environ.items() if name not in quiet} | dict(changes)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def without_privileges() -> tuple[str, ...]:
    """Return what to run the command through so that modes hold, even for root.

    Root stays the owner but loses the right to pass over modes; another user might not
    reach the interpreter or the test's folder at all.
    """
    if os.geteuid() != 0:
        return ()
    rights = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")


def with_small_files_only(kibibytes: int) -> tuple[str, ...]:
    """Return what to run the command through so that no file can grow past a size."""
    return ("sh", "-c", f'ulimit -f {kibibytes * 2}; exec "$@"', "sh")


def picture(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return everything below ``folder`` that a write could change, by path.

    The folder's own times are left out: a temporary file may come and go in it.
    """
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*"), key=os.fsencode):
        name = str(path.relative_to(folder))
        try:
            info = path.lstat()
        except PermissionError:  # listed, in a folder that may not be entered
            found[name] = ()
            continue
        content = ""
        if stat.S_ISLNK(info.st_mode):
            content = str(path.readlink())
        elif stat.S_ISREG(info.st_mode) and os.access(path, os.R_OK):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[name] = (
            info.st_mode,
            info.st_size,
            info.st_mtime_ns,
            info.st_ino,
            content,
        )
    return found
