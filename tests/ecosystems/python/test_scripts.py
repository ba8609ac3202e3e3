"""Scripts that pip wrote for the build's machine are dropped, as Lambda cannot start them."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Tier
from slimmer.targets import find_targets
from tests.support.decide import decide, dropped
from tests.support.installed import record

INFO = "six-1.dist-info"
SIX = {
    f"{INFO}/METADATA": b"Name: six\n",
    f"{INFO}/RECORD": record(["six.py", "../../bin/six"]),
    "six.py": b"",
}
HOME = b"#!/home/me/project/.venv/bin/python3.12\nimport six\n"
LONG = b"""#!/bin/sh
'''exec' "/Users/me/a long name/bin/python" "$0" "$@"
' '''
import six
"""


def is_dropped(script: bytes, app: bytes = b"import six\n", target: str = "lambda") -> bool:
    files = {**SIX, "bin/six": script, "bin/mine": HOME, "app.py": app}
    gone = dropped(decide(files, deployment=Deployment(find_targets(target)[0])))
    assert not gone & {"bin/mine", "app.py", "six.py"}
    return "bin/six" in gone


@pytest.mark.parametrize("script", [HOME, LONG, b"#! /root/.pyenv/versions/3.11.7/bin/python -s\n"])
def test_a_script_of_another_machine_goes(script: bytes) -> None:
    assert is_dropped(script)


@pytest.mark.parametrize(
    "script",
    [
        b"#!/usr/bin/env python3\n",
        b"#!/usr/local/bin/python3.12\n",
        b"#!/var/lang/bin/python3.12\n",
        b"#!/opt/python/bin/python\n",
        b"#!python\n",
        b"import six\n",
        b"\x7fELF",
        b"",
    ],
)
def test_what_could_start_stays(script: bytes) -> None:
    assert not is_dropped(script)


@pytest.mark.parametrize(
    "app",
    [
        b"subprocess.run([sys.executable, 'bin/six'])\n",
        b"runpy.run_path(os.path.join(HERE, 'bin', 'six'))\n",
    ],
)
def test_what_the_users_code_names_stays(app: bytes) -> None:
    assert not is_dropped(HOME, app)


def test_in_an_image_at_safe_and_by_the_users_word_it_stays() -> None:
    assert not is_dropped(HOME, target="lambda-image")
    files, there = {**SIX, "bin/six": HOME}, Deployment(find_targets("lambda")[0])
    assert "bin/six" not in dropped(decide(files, tier=Tier.SAFE, deployment=there))
    assert "bin/six" not in dropped(decide(files, keep="/bin/", deployment=there))
