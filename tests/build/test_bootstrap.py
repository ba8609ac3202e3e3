"""What is said of a bootstrap that is a program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.build.bootstrap import bootstrap_findings
from slimmer.formats.elf.origin import origin

ELF = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + b"\2\0>\0\1\0\0\0" + bytes(40)
GO = b"\xff Go buildinf:\x08\x02".ljust(32, b"\0") + b"\x08go1.22.3\x04path"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ELF + GO, "Go 1.22.3"),
        (ELF + b"\xff Go buildinf:\x08\x00".ljust(40, b"\0"), "Go"),
        (ELF + b"rustc version 1.80.0 (051478957 2024-07-21)\0", "Rust 1.80.0"),
        (ELF + b"/rustc/" + b"a" * 40 + b"/library/core", "Rust"),
        (ELF + bytes(100) + b"UPX!" + GO, "UPX"),
        (ELF, ""),
        (b"#!/bin/sh\n# " + GO, ""),
    ],
)
def test_a_program_says_what_made_it(data: bytes, said: str) -> None:
    assert origin(data) == said
    messages = [each.message for each in bootstrap_findings(data)]
    assert len(messages) == bool(said)
    assert all(said in message for message in messages)


@given(st.binary())
def test_any_program_is_read(data: bytes) -> None:
    origin(ELF + data)
    origin(ELF + b"\xff Go buildinf:" + data)
