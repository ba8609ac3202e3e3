"""Compiles Python sources with an interpreter of the target's version, in processes of its own.

The bytecode depends on the sources, on where they will lie, and on the interpreter, whose
version and magic number the report names: not on the build's folder, nor on hash seeds, the
order of the files or the number of processes. Before Python 3.11 ``marshal`` marks names that
something else in the interpreter refers to; so the child holds every part of the code while it
writes it, and all of them are marked alike.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO

from slimmer.ecosystems.python.bytecode import Compiled, Source
from slimmer.errors import UsageError
from slimmer.formats import FormatError
from slimmer.formats.python import pyc
from slimmer.inputs.base import Read
from slimmer.parallel import available_cores
from slimmer.programs.guarded import answer_of, end, guarded
from slimmer.text import printable

_FLAGS = ("-S", "-s", "-B", "-W", "ignore", "-c")
_LENGTH = struct.Struct("<L")
_START_SECONDS = 60  # for an interpreter to say what it is
_CRASHED = "the interpreter ended while it compiled this"

_ABOUT = """
import sys
magic = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
version = ".".join(map(str, sys.version_info[:3]))
print(sys.implementation.name, version, sys.implementation.cache_tag, magic.hex())
"""
_COMPILE = """
import marshal, sys
read, out = sys.stdin.buffer.read, sys.stdout.buffer
code_type = type((lambda: 0).__code__)

def hold(part, held):
    held.append(part)
    if isinstance(part, (tuple, frozenset)):
        for inner in part:
            hold(inner, held)
    elif isinstance(part, code_type):
        for name in ("co_consts", "co_names", "co_varnames", "co_freevars", "co_cellvars",
                     "co_filename", "co_name", "co_qualname", "co_linetable", "co_exceptiontable"):
            hold(getattr(part, name, None), held)

def number():
    return int.from_bytes(read(4), "little")

while True:
    head = read(4)
    if len(head) < 4:
        break
    name = read(int.from_bytes(head, "little")).decode("utf-8", "surrogateescape")
    source, held = read(number()), []
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=0)
        hold(code, held)
        status, data = b"+", marshal.dumps(code)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        status, data = b"-", type(error).__name__.encode()
    del source, held
    out.write(status + len(data).to_bytes(4, "little") + data)
    out.flush()
"""


class Interpreter:
    """A Python to compile with. ``tag`` stands in the names of its .pyc files."""

    def __init__(self, command: str):
        """Ask a command what it is. Raises UsageError where it is not a CPython of 3.7 or later."""
        self._name = command
        self._running: list[subprocess.Popen[bytes]] = []
        self._is_over = False
        self._command = self._found(command)
        implementation, version, self.tag, magic = self._about()
        self._magic = bytes.fromhex(magic)
        number = int.from_bytes(self._magic[:2], "little")
        self.title = f"{implementation} {version}, magic number {number}"

    def compile(self, sources: Sequence[Source], read: Read) -> Compiled:
        """Return what these sources become, as bytecode that is never checked (PEP 552).

        A source that cannot be compiled is refused, with the name of the error. All results
        are held in memory; they are about as large as the sources. Raises what ``read`` raises.
        """
        processes = max(1, min(available_cores(), len(sources)))
        shares = [sources[start::processes] for start in range(processes)]
        result = Compiled({}, {})
        with ThreadPoolExecutor(processes, thread_name_prefix="compile") as pool:
            try:
                for share in pool.map(lambda part: self._compile(part, read), shares):
                    result.bytecode.update(share.bytecode)
                    result.refused.update(share.refused)
            except BaseException:
                self._end_all()  # or the pool would wait for one that hangs
                raise
        return result

    def _end_all(self) -> None:
        self._is_over = True
        for process in list(self._running):
            end(process)

    def _about(self) -> tuple[str, str, str, str]:
        try:
            with tempfile.TemporaryDirectory() as empty:  # nothing can be imported from there
                about = (self._command, *_FLAGS, _ABOUT)
                done = answer_of(about, _START_SECONDS, cwd=empty, env=_environment())
            words = done.stdout.decode("ascii", "replace").split()
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = error.strerror if isinstance(error, OSError) else "it does not answer"
            raise self._unusable((reason or str(error)).lower()) from None
        if done.returncode and not words and Path(self._command).name.startswith("python"):
            raise self._unusable("it does not run, as a shim of pyenv without that version")
        if done.returncode or len(words) != 4 or words[0] != "cpython":
            raise self._unusable("it is not a CPython of 3.7 or later")
        return "CPython", words[1], words[2], words[3]

    def _found(self, command: str) -> str:
        """Return the program that a command names, from the root on. Raises UsageError."""
        if os.sep in command:
            return str(Path(command).absolute())
        found = shutil.which(command)
        if found is None:
            raise self._unusable("there is no such program on PATH")
        return str(Path(found).absolute())

    def _unusable(self, reason: str) -> UsageError:
        called = Path(self._name).name
        wanted = called if called.startswith("python3.") else "python3.X"
        return UsageError(
            f"--python {printable(self._name)}: cannot compile with it ({reason}); "
            f"name a Python of the target's version, such as /usr/bin/{printable(wanted)}"
        )

    def _compile(self, sources: Sequence[Source], read: Read) -> Compiled:
        result = Compiled({}, {})
        todo = list(sources)
        while todo and not self._is_over:
            done = 0
            with closing(self._answers(todo, read)) as answers:
                for source, answer in zip(todo, answers, strict=False):
                    done += 1
                    try:
                        result.bytecode[source.path] = self._checked(answer)
                    except FormatError as error:
                        result.refused[source.path] = str(error)
            if done < len(todo):  # the source at which it ended crashes it; the rest may not
                result.refused[todo[done].path] = _CRASHED
                done += 1
            todo = todo[done:]
        return result

    def _checked(self, answer: tuple[bytes, bytes]) -> bytes:
        status, data = answer
        if status != b"+":
            raise FormatError(data.decode("ascii", "replace"))
        made = pyc.assembled(self._magic, data)
        pyc.parse(made)
        return made

    def _answers(
        self, sources: Iterable[Source], read: Read
    ) -> Generator[tuple[bytes, bytes], None, None]:
        """Yield what one process answers, until it has answered all or ends."""
        with tempfile.TemporaryDirectory() as empty:  # nothing can be imported from there
            process = subprocess.Popen(  # noqa: S603 - the user names the interpreter
                guarded((self._command, *_FLAGS, _COMPILE)),
                cwd=empty,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._running.append(process)
            errors: list[Exception] = []
            feeder = threading.Thread(target=_feed, args=(process.stdin, sources, read, errors))
            feeder.start()
            try:
                while not self._is_over and process.stdout and (answer := _answer(process.stdout)):
                    yield answer
            finally:
                self._running.remove(process)
                end(process)
                feeder.join()
                if process.stdout is not None:
                    process.stdout.close()
                process.wait()
            if errors:
                raise errors[0]


def _feed(pipe: IO[bytes], sources: Iterable[Source], read: Read, errors: list[Exception]) -> None:
    """Write every source to a process; what goes wrong is raised by the one who reads."""
    try:
        with pipe:
            for source in sources:
                for part in (source.placed.encode("utf-8", "surrogateescape"), read(source.path)):
                    pipe.write(_LENGTH.pack(len(part)))
                    pipe.write(part)
    except BrokenPipeError:
        pass  # it has ended; that shows in its answers
    except Exception as error:
        errors.append(error)


def _answer(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    head = pipe.read(1 + _LENGTH.size)
    if len(head) < 1 + _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head[1:])
    data = pipe.read(length)
    return (head[:1], data) if len(data) == length else None


def _environment() -> Mapping[str, str]:
    """Return the surroundings without anything that changes how Python works."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONHASHSEED": "0"}
