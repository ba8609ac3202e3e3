"""Targets: what slim's own say, and how one that is broken is named."""

from __future__ import annotations

import pytest

from slimmer.errors import UsageError
from slimmer.targets import parse_targets
from tests.support.natives import TARGETS

#: What has limits only.
OTHERS = ("lambda", "agentcore", "gcf")


def test_every_runtime_knows_its_system_and_holds_lambdas_limits() -> None:
    for name, target in TARGETS.items():
        if not name.startswith(OTHERS):
            assert target.system is not None, name
            assert target.system.glibc in ("2.26", "2.34"), name
            assert target.unzipped_below_bytes == TARGETS["lambda"].unzipped_below_bytes
            assert {"libc.so.6", "libstdc++.so.6", "libgcc_s.so.1"} <= target.libraries, name
            assert not target.system.doubtful & target.libraries, name


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"a": 'extends = "b"'}, "a.toml:1: there is no target 'b'"),
        ({"a": 'extends = "a"'}, "a.toml:1: 'a' extends itself by way of 'a'"),
        ({"a": 'extends = "b"', "b": 'extends = "a"'}, "extends itself by way of"),
        ({"a": 'title = "A"\nsource = "S"'}, "a.toml:1: unzipped_below_bytes is missing"),
    ],
)
def test_a_target_that_cannot_be_followed_names_its_line(texts: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_targets({name: (text, f"{name}.toml") for name, text in texts.items()})
    assert words in str(caught.value)
