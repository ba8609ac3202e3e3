"""Why a file cannot be started: for each reason of execve's, one file that has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.formats.executable import HEAD_BYTES, why_not
from tests.support.elves import program

LOADER = "/lib64/ld-linux-x86-64.so.2"
SHELL = b"#!/bin/sh\necho\n"


@pytest.mark.parametrize(
    "head", [SHELL, b"#! /bin/sh -e", program(), program("libc.so.6", interpreter=LOADER)]
)
def test_what_can_start_gets_no_reason(head: bytes) -> None:
    assert why_not(head) == ""
    assert (
        why_not(head, mode=0o555, machine="x86_64", exists={"/bin/sh", LOADER}.__contains__) == ""
    )


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", "has no '#!' and is not an ELF program; start it with #!/bin/sh"),
        (b"echo\n", "has no '#!' and is not an ELF program; start it with #!/bin/sh"),
        (b"#!/bin/sh\r\necho\r\n", "has CRLF line ends, so its interpreter is not found; "),
        (b"#!/usr/bin/env python3\r\n", "has CRLF line ends, so its interpreter is not found; "),
        (b"#!\n", "asks for the interpreter '', which is not there"),
        (b"\x7fELF\x01\x01" + bytes(100), "is not a 64-bit little-endian ELF program"),
        (b"\x7fELF\x02\x02" + bytes(100), "is not a 64-bit little-endian ELF program"),
        (b"\x7fELF\x02\x01", "is not a 64-bit little-endian ELF program"),
    ],
)
def test_what_starts_nowhere_is_told_by_its_bytes_alone(head: bytes, reason: str) -> None:
    assert why_not(head).startswith(reason)


@pytest.mark.parametrize("mode", [0o644, 0o700, 0o750])
def test_another_user_must_be_allowed_to_run_it(mode: int) -> None:
    assert why_not(SHELL, mode=mode).startswith("is not executable for Lambda's user; chmod 755")


def test_what_a_place_lacks_is_named() -> None:
    def nothing(_: str) -> bool:
        return False

    linked = program("libc.so.6", interpreter=LOADER)
    assert why_not(b"#!/opt/bin/ruby -w\n", exists=nothing) == (
        "asks for the interpreter '/opt/bin/ruby', which is not there"
    )
    assert why_not(linked, exists=nothing) == f"asks for the loader '{LOADER}', which is not there"
    assert why_not(program(), exists=nothing) == ""


def test_a_program_for_another_processor_is_named() -> None:
    arm = program(machine=183)
    assert why_not(arm) == why_not(arm, machine="aarch64") == ""
    assert why_not(arm, machine="x86_64").startswith("is for aarch64, and this machine is x86_64")
    assert why_not(program(machine=8), machine="x86_64").startswith("is for another processor")


def test_the_interpreter_that_runs_the_tests_can_start() -> None:
    with Path(sys.executable).open("rb") as file:
        assert why_not(file.read(HEAD_BYTES), exists=lambda path: Path(path).exists()) == ""


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(program().__add__)))
def test_arbitrary_bytes_get_an_answer_of_one_line(data: bytes) -> None:
    for head in (data, data[::-1], b"#!" + data, program(interpreter=LOADER)[: len(data)]):
        assert "\n" not in why_not(head, machine="x86_64", exists=lambda _: False)
