"""What a run's processes say is read also where they have ended long before."""

from __future__ import annotations

import subprocess
import sys
import threading

from slimmer.verify.job import Job
from slimmer.verify.sandboxes import Launch
from slimmer.verify.stage import READY


def test_what_a_program_that_ended_said_counts_however_late_it_is_read() -> None:
    code = f"import sys; sys.stderr.write('mark {READY}\\n')"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.wait()
    gate = threading.Event()

    class Late(Job):
        def _reported(self, data: bytes) -> bytes:
            gate.wait()
            return super()._reported(data)

    job = Late(process, Launch((), {}, 0), "mark", None, stays=False)
    threading.Timer(0.2, gate.set).start()
    assert job.began_s is None
    assert job.has_begun()


def test_a_program_that_said_nothing_has_not_begun() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "pass"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.wait()
    assert not Job(process, Launch((), {}, 0), "mark", None, stays=False).has_begun()
