"""Two processes that share a zip find what one alone finds, in the same order."""

from __future__ import annotations

import os

import pytest

from slimmer.check import measure
from slimmer.formats.zip.reader import read_zip
from slimmer.secrets import scanner
from slimmer.secrets.kinds import load_secret_rules
from slimmer.secrets.scanner import zip_secrets
from tests.support.planted import planted
from tests.support.threads import another_thread
from tests.support.zips import zipped

RULES = load_secret_rules()
EXAMPLES = [(kind, e) for kind in RULES.kinds for e in kind.examples if e.found]


def many_secrets() -> bytes:
    files = {
        f"{number}/{example.path}": planted(example.text, number)
        for number, (_, example) in enumerate(EXAMPLES)
    }
    inner = zipped(files)
    return zipped(
        {**files, "a.jar": inner, "b.txt": b"x" * 300_000, "packed.zst": b"\x28\xb5\x2f\xfd"}
    )


def test_two_processes_find_what_one_finds() -> None:
    data = many_secrets()
    archive = read_zip(data)
    shared, parent = measure.measured(RULES, data, archive, os.getpid)
    assert parent == os.getpid()
    with another_thread():  # beside which no process is forked
        alone, _ = measure.measured(RULES, data, archive, os.getpid)
    assert shared == alone
    assert shared.secrets == zip_secrets(RULES, data, archive)
    assert len(shared.secrets.secrets) == 2 * len(EXAMPLES)
    assert [row.path for row in shared.secrets.unsearched] == ["packed.zst"]


@pytest.mark.parametrize("free_bytes", [0, 10_000, 100_000])
def test_what_is_too_much_to_unpack_is_what_it_is_for_one_process(
    free_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = many_secrets()
    archive = read_zip(data)
    expected = zip_secrets(RULES, data, archive)
    monkeypatch.setattr(measure, "FREE_BYTES", free_bytes)
    monkeypatch.setattr(scanner, "FREE_BYTES", free_bytes)
    found, _ = measure.measured(RULES, data, archive, os.getpid)
    assert found.secrets == expected
