"""Virtual environments are dropped and listed, unless something of the user's leads into them."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped
from tests.support.trees import MemorySource

SITE = ".venv/lib/python3.11/site-packages"
ENVIRONMENT = {
    ".venv/pyvenv.cfg": b"home = /opt/python/bin\nversion = 3.11.7\n",
    ".venv/bin/python": b"",
    f"{SITE}/six.py": b"",
    f"{SITE}/pip/__init__.py": b"",
    f"{SITE}/six-1.dist-info/METADATA": b"Name: six\n",
}
APP = {"app.py": b"import json\n"}


def is_dropped(files: dict[str, bytes], **links: str) -> bool:
    decision = decide(MemorySource({**ENVIRONMENT, **files}, links))
    (said,) = [f for f in decision.findings if f.code == "virtual-environment"]
    gone = dropped(decision)
    assert gone & set(ENVIRONMENT) in (set(), set(ENVIRONMENT))
    assert ("dropped" in said.message) == (".venv" in gone)
    return ".venv" in gone


def test_it_is_dropped_and_told_with_its_python() -> None:
    decision = decide({**ENVIRONMENT, **APP})
    (said,) = [f.message for f in decision.findings if f.code == "virtual-environment"]
    assert said == (
        ".venv: a virtual environment of Python 3.11.7 in /opt/python/bin (5 files, 50 B), "
        "dropped, as nothing leads into it; keep it with --keep '/.venv/'"
    )
    assert dropped(decision) >= set(ENVIRONMENT)
    assert "app.py" not in dropped(decision)


@pytest.mark.parametrize(
    "files",
    [
        {"bootstrap": b'#!/bin/sh\nexec "$PWD/.venv/bin/python" app.py\n'},
        {"app.py": b'sys.path.insert(0, ".venv/lib/python3.11/site-packages")\n'},
        {"app.py": b"site.addsitedir(os.path.join(HERE, '.venv', LIB))\n"},
        {"uwsgi.ini": b'home = ".venv"\n'},
        {"app.py": b"import os\nimport six\n"},
        {"app.py": b"def f():\n    from six import moves\n"},
    ],
)
def test_it_stays_where_the_users_own_files_lead_into_it(files: dict[str, bytes]) -> None:
    assert not is_dropped(files)


@pytest.mark.parametrize(
    "files",
    [
        {".gitignore": b".venv/\n", "README.md": b"`.venv/bin/python`"},
        {"app.py": b"import six\n", "six.py": b""},
        {"app.py": b"import pip\n"},
        {"app.py": b'# my.venv/x\nname = "venv"\n'},
    ],
)
def test_it_goes_where_others_only_speak_of_it(files: dict[str, bytes]) -> None:
    assert is_dropped(files)


def test_a_link_into_it_keeps_it() -> None:
    assert not is_dropped(APP, python=f"{SITE}")
    assert is_dropped(APP, code="app.py")


def test_safe_and_the_user_keep_it() -> None:
    files = {**ENVIRONMENT, **APP}
    assert not dropped(decide(files, tier=Tier.SAFE)) & set(ENVIRONMENT)
    assert not dropped(decide(files, keep="/.venv/")) & set(ENVIRONMENT)


def test_a_file_of_that_name_alone_is_no_environment() -> None:
    files = {"x/pyvenv.cfg": b"home = x\n", "x/data": b"", **APP}
    assert not dropped(decide(files, deployment=Deployment()))
