"""The trace against what programs do: no file that is used is unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.verify.sandboxes import Launch
from slimmer.verify.trace.supervisor import traced
from slimmer.verify.trace.syscalls import MACHINES, Kind, filter_program

PYTHON = (sys.executable, "-I", "-S", "-c")


def seen(tmp_path: Path, code: str) -> set[tuple[Kind, str]]:
    """Return what a Python program names below the folder that it works in."""
    with traced(Launch((), {}, 0)) as (launch, trace):
        argv = [*launch.argv, *PYTHON, code]
        subprocess.run(argv, check=True, cwd=tmp_path, **launch.options)
    assert trace.unread == 0
    start = f"{tmp_path}/"
    return {(a.kind, a.path[len(start) :]) for a in trace.accesses if a.path.startswith(start)}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("open('data').read()", Kind.OPEN),
        ("import os; os.open('data', os.O_RDONLY, dir_fd=os.open('.', os.O_RDONLY))", Kind.OPEN),
        ("import os; os.stat('data')", Kind.LOOK),
        ("import os; os.access('data', os.R_OK)", Kind.LOOK),
        ("import os; os.readlink('link')", Kind.LOOK),
        ("import subprocess; subprocess.run(['./data'])", Kind.RUN),
        ("import threading as t; x = t.Thread(target=open, args=('data',)); x.start()", Kind.OPEN),
    ],
)
def test_each_way_to_name_a_file_is_seen(tmp_path: Path, code: str, kind: Kind) -> None:
    (tmp_path / "data").write_text("#!/bin/true\n")
    (tmp_path / "data").chmod(0o755)
    (tmp_path / "link").symlink_to("data")
    name = "link" if "link" in code else "data"
    assert (kind, name) in {(k, path.removeprefix("./")) for k, path in seen(tmp_path, code)}


def test_what_children_name_is_seen(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    code = "import subprocess; subprocess.run(['/bin/sh', '-c', '(cat data) & wait'])"
    assert (Kind.OPEN, "data") in seen(tmp_path, code)


def test_a_program_is_only_slowed_not_changed(tmp_path: Path) -> None:
    """What is missing is missing, and a long name comes as it is."""
    code = (
        "import os\ntry:\n    open('missing')\nexcept FileNotFoundError:\n"
        "    os.mkdir('x' * 200); os.stat('x' * 200)"
    )
    assert {(Kind.OPEN, "missing"), (Kind.LOOK, "x" * 200)} <= seen(tmp_path, code)


@given(st.sampled_from(sorted(MACHINES)), st.integers(0, 600))
def test_the_filter_asks_about_its_calls_only(name: str, number: int) -> None:
    """The program as the kernel runs it (linux/filter.h): loads, tests, returns."""
    machine = MACHINES[name]
    program = filter_program(machine)
    rows = [
        (
            int.from_bytes(program[i : i + 2], "little"),
            program[i + 2],
            program[i + 3],
            int.from_bytes(program[i + 4 : i + 8], "little"),
        )
        for i in range(0, len(program), 8)
    ]

    def answer(audit: int) -> int:
        at, held = 0, 0
        while True:
            code, then, other, value = rows[at]
            if code == 0x06:
                return value
            if code == 0x20:
                held = {0: number, 4: audit}[value]
            else:
                at += then if held == value else other
            at += 1

    wanted = 0x7FC00000 if number in machine.calls else 0x7FFF0000
    assert answer(machine.audit) == (0x00050026 if number == 425 else wanted)
    assert answer(machine.audit ^ 1) == 0x7FC00000
