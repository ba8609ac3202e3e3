"""What a dropped distribution's RECORD lists goes with it, and comes back with it."""

from __future__ import annotations

import pytest

from tests.support.decide import decide, dropped, kept
from tests.support.installed import record

COMPILED = "7ae57__mypyc.cpython-311-x86_64-linux-gnu.so"
OF_MYPY = ["mypy/__init__.py", COMPILED, "../../bin/mypy", "LICENSE.mypy", "shared/__init__.py"]
MYPY = {
    "mypy/__init__.py": b"",
    COMPILED: b"",
    "bin/mypy": b"#!/build/bin/python\n",
    "LICENSE.mypy": b"MIT",
    "shared/__init__.py": b"",
    "mypy-1.dist-info/METADATA": b"Name: mypy\n",
    "mypy-1.dist-info/RECORD": record(OF_MYPY),
    "tomli-1.dist-info/METADATA": b"Name: tomli\n",
    "tomli-1.dist-info/RECORD": record(["tomli.py", "0a__mypyc.so", "shared/__init__.py"]),
    "tomli.py": b"",
    "0a__mypyc.so": b"",
    "bin/mine": b"#!/bin/sh\n",
}
WENT = {COMPILED, "bin/mypy", "LICENSE.mypy"}
THERE = set(MYPY) - WENT - {"mypy/__init__.py"}


def test_it_goes_with_its_component() -> None:
    decision = decide(MYPY)
    gone = {p: v.rule.component for p, v in decision.verdicts.items() if v.dropped and v.rule}
    assert {path: gone[path] for path in WENT} == dict.fromkeys(WENT, "python/test-runners")
    assert {p for p in THERE if "dist-info" not in p} <= kept(decision)


@pytest.mark.parametrize(
    "app", [b"import mypy\n", b"from importlib.metadata import version\nversion('mypy')\n"]
)
def test_it_comes_back_with_what_is_rescued(app: bytes) -> None:
    assert kept(decide({**MYPY, "app.py": app})) >= WENT


def test_the_users_words_count() -> None:
    assert kept(decide(MYPY, keep="/bin/")) >= {"bin/mypy"}
    assert kept(decide(MYPY, keep="python/test-runners")) >= WENT
    by_pattern = decide(MYPY, keep="python/test-runners", drop="/mypy-1.dist-info/")
    assert not dropped(by_pattern) & WENT


def test_what_is_the_users_own_stays() -> None:
    own = b'{"url": "file:///src/mypy", "dir_info": {}}'
    assert not dropped(decide({**MYPY, "mypy-1.dist-info/direct_url.json": own})) & WENT
