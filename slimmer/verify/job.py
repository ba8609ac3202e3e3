"""The processes of one run: started in a sandbox, listened to, told what to do, and ended."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from slimmer.errors import InputError
from slimmer.verify import processes
from slimmer.verify.engines import Container
from slimmer.verify.sandboxes import Launch
from slimmer.verify.stage import ENDED, READY, Command, plain, supervised

GRACE_S = 0.3  # to end by itself after it said that it cannot start
_BEGIN_S = 30.0
_SAID_S = 10.0  # within which what an ended process wrote is read, on a busy machine too
_STEP_S = 0.005
_OUTPUT_BYTES = 64 * 1024
_SHELLS = 2  # above each program, where the stage stays

#: What is given each line that the function or an extension writes: which of them, and the line.
Listener = Callable[[str, str], object]


class Job:
    """A sandbox that was started, what it writes, and the moment at which it began.

    ``stays`` is whether its stage does, and waits to be told.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        launch: Launch,
        mark: str,
        listener: Listener | None,
        *,
        stays: bool,
    ) -> None:
        self.process = process
        self.watch = processes.Watch(process.pid, launch.depth + (_SHELLS if stays else 0))
        self.began_s: float | None = None
        #: The status of each program that ended: the runtime, or the place of an extension.
        self.ended: dict[str, int] = {}
        self.left = 0
        #: A process in the network of its container, where that is another than this machine's.
        self.network: int | None = None
        self._mark = mark.encode()
        self._listener = listener
        self._kept = bytearray()
        self._reports = threading.Thread(
            target=self._read, args=(process.stderr, self._reported), daemon=True
        )
        self._threads = [
            threading.Thread(target=self._read, args=(process.stdout, self._written), daemon=True),
            self._reports,
        ]
        for thread in self._threads:
            thread.start()

    def enter(self, container: Container) -> socket.socket | None:
        """Wait for a container to begin; return what listens in it, if anything must.

        Raises InputError where it does not begin.
        """
        end_s = time.monotonic() + _BEGIN_S
        while self.began_s is None:
            if self.process.poll() is not None or time.monotonic() > end_s:
                raise InputError(f"the container could not be made: {last_line(self.output())}")
            time.sleep(_STEP_S)
        first = container.process(self._mark.decode())
        self.watch = processes.Watch(first, _SHELLS)
        if not container.is_private:
            return None
        self.network = first
        return container.listen(first)

    def tell(self, word: str) -> None:
        """Tell a stage that stays what to do."""
        pipe = self.process.stdin
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.write(word.encode() + b"\n")
                pipe.flush()

    def has_begun(self) -> bool:
        """Return whether its stage began, of a process that has ended."""
        if self.began_s is None:
            self._reports.join(_SAID_S)
        return self.began_s is not None

    def output(self) -> str:
        """Return the end of what the processes wrote."""
        for thread in self._threads:
            thread.join(GRACE_S)
        return self._kept.decode("utf-8", "replace")

    def _read(self, pipe: IO[bytes], take: Callable[[bytes], bytes]) -> None:
        rest = b""
        with pipe:
            while data := os.read(pipe.fileno(), 65536):
                rest = take(rest + data)[-_OUTPUT_BYTES:]
        take(rest + b"\n" if rest else b"")

    def _keep(self, data: bytes) -> None:
        self._kept += data
        del self._kept[:-_OUTPUT_BYTES]

    def _written(self, data: bytes) -> bytes:
        """Take what the function wrote; return the beginning of a line that is not complete."""
        if self._listener is None:
            self._keep(data)
            return b""
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._keep(line + b"\n")
            self._listener("function", line.decode("utf-8", "replace"))
        return rest

    def _reported(self, data: bytes) -> bytes:
        """Take what the stage says, and what extensions wrote."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            before, mark, words = line.partition(self._mark)
            if mark:
                self._note(words.decode().split())
            if before or not mark:
                self._keep(before + b"\n")
                if self._listener:
                    self._listener("extension", before.decode("utf-8", "replace"))
        return rest

    def _note(self, words: Sequence[str]) -> None:
        if words[0] == READY:
            self.began_s = time.monotonic()
        elif words[0] == ENDED:
            self.ended[words[1]] = int(words[2])


@contextmanager
def started(
    launch: Launch,
    cwd: str,
    runtime: Command,
    extensions: Sequence[Command],
    listener: Listener | None,
    *,
    stays: bool,
) -> Iterator[Job]:
    """Start a sandbox with its programs, and end all that came of it.

    In a container, and where its stage ``stays``, as with extensions, these and the runtime wait
    until they are to start.
    ``cwd`` is where it starts without a sandbox.
    """
    processes.adopt_orphans()
    others = processes.children()
    mark = secrets.token_hex(8)
    stays = stays or bool(launch.container)
    stage = (
        supervised(runtime, extensions, mark, launch.processes, launch.shell)
        if stays
        else plain(runtime, mark, launch.processes, launch.shell)
    )
    process = subprocess.Popen(  # noqa: S603 - the user's own function is what is to run
        [*launch.argv, *stage],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=None if launch.is_apart else cwd,
        env=None if launch.container else {"PATH": os.defpath},
        start_new_session=True,
        **launch.options,
    )
    job = Job(process, launch, mark, listener, stays=stays)
    try:
        yield job
    finally:
        job.left = processes.end(process, others)
        if launch.container:
            launch.container.remove()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def last_line(output: str) -> str:
    """Return the last line of what was written, which tends to be the reason."""
    lines = output.strip().splitlines()
    return lines[-1] if lines else "it did not say why"
