"""A zip whose members are not what it says of them: every command that counts them says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import with_fields, zipped

ROWS = {"app.py": b"x = 1\n" * 1000, "lib.so": b"\x7fELF" + bytes(500_000)}
COMMANDS = {
    "diff from it": ("diff", "lying.zip", "true.zip"),
    "diff to it": ("diff", "true.zip", "lying.zip"),
    "inspect": ("inspect", "lying.zip"),
    "verify": ("verify", "lying.zip", "--function", "function.zip", "--event", "event.json"),
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "true.zip").write_bytes(zipped(ROWS))
    (tmp_path / "function.zip").write_bytes(zipped({"bootstrap": b"#!/bin/sh\n"}))
    write_tree(tmp_path, {"event.json": "{}"})
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("lie", [{"crc32": 1}, {"size_bytes": 100}, {"size_bytes": 900_000}])
def test_it_is_one_line_and_3(work: Path, command: str, lie: dict[str, int]) -> None:
    (work / "lying.zip").write_bytes(with_fields(zipped(ROWS), **lie))
    outcome = slim(*COMMANDS[command], cwd=work)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith("slim: lying.zip: ")
    assert "app.py" in outcome.err
    assert outcome.err.count("\n") == 1


def test_what_says_that_it_is_too_large_to_be_read_is_compared_all_the_same(work: Path) -> None:
    (work / "lying.zip").write_bytes(with_fields(zipped(ROWS), size_bytes=4_000_000_000))
    outcome = slim("diff", "true.zip", "lying.zip", cwd=work)
    assert outcome.code == 0
    assert "8,000,000,000 B unzipped" in outcome.out
