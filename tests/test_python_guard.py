"""What kept modules import comes back, however it is written; what they do not, stays dropped."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.config import Settings, Word
from slimmer.data import load_packs
from slimmer.formats import FormatError
from slimmer.formats.python_source import imports, words
from slimmer.model import Action
from slimmer.pipeline import Decision, decide_tree
from tests.trees import MemorySource

PACKS = load_packs()
TREE = {
    "python/lib-1.dist-info/METADATA": b"",
    "python/lib/__init__.py": b"",
    "python/lib/sub/__init__.py": b"",
    "python/lib/tests/__init__.py": b"",
    "python/lib/tests/helper.py": b"",
    "python/lib/tests/other.py": b"",
}
HELPER = "python/lib/tests/helper.py"


def decided(code: str, *, at: str = "python/lib/user.py", drop: str = "") -> Decision:
    settings = Settings(drop=tuple(Word(w, "--drop") for w in drop.split()), guards=("python",))
    return decide_tree(MemorySource({**TREE, at: code.encode()}), PACKS, settings)


def kept(decision: Decision) -> set[str]:
    found = decision.verdicts.items()
    return {path for path, verdict in found if verdict.action is Action.KEEP and "tests" in path}


BOTH = {"python/lib/tests/__init__.py", HELPER}


@pytest.mark.parametrize(
    "code",
    [
        "import lib.tests.helper",
        "import os, lib.tests.helper as h",
        "from lib.tests import helper",
        "from lib.tests.helper import thing",
        "from .tests import helper",
        "from .tests.helper import *",
        "from .tests import (\n    helper,  # )\n)",
        "from .tests \\\n    import helper",
        "x = 1; from .tests import helper",
        "if x:\n    from .tests import helper",
        "def f():\n    from .tests import helper",
        "class C:\n    from .tests import helper",
        "async def f():\n    async with x:\n        from .tests import helper",
        "import importlib\nimportlib.import_module('lib.tests.helper')",
        "from importlib import import_module\nimport_module('.tests.helper', __package__)",
        "try:\n    pass\nexcept ImportError:\n    from .tests import helper",
        "try:\n    from .tests import helper\nexcept OSError:\n    pass",
        "import typing as t\nif t.TYPE_CHECKING:\n    x\nelse:\n    from .tests import helper",
    ],
)
def test_what_is_imported_comes_back_with_the_packages_above_it(code: str) -> None:
    assert kept(decided(code)) == BOTH


@pytest.mark.parametrize(
    "code",
    [
        "",
        "# from .tests import helper",
        "'''from .tests import helper'''",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .tests import helper",
        "import typing\nif typing.TYPE_CHECKING:\n    from .tests import helper",
        "import tests.helper",
        "from other.tests import helper",
        "from ..tests import helper",
        "tests = 'helper'",
    ],
)
def test_what_never_runs_or_means_something_else_brings_nothing_back(code: str) -> None:
    decision = decided(code)
    assert kept(decision) == set()
    assert decision.rescues == ()


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from .tests import helper\nexcept ImportError:\n    helper = None",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    from .tests import helper",
        "def test():\n    from .tests import helper",
    ],
)
def test_an_import_that_may_fail_is_only_told_of(code: str) -> None:
    decision = decided(code)
    assert kept(decision) == set()
    [found] = [f for f in decision.findings if "helper" in f.message]
    assert found.code == "dropped-dependency"
    assert "python/lib/user.py" in found.message
    assert "--keep '/python/lib/tests/helper.py'" in found.message


def test_a_package_is_asked_for_what_its_all_lists() -> None:
    code = "__all__ = ['sub']\n__all__ += ['tests']"
    found = kept(decided(code, at="python/lib/__init__.py"))
    assert found == {"python/lib/tests/__init__.py"}


def test_a_relative_import_climbs_as_python_does() -> None:
    code = "from ..tests import helper"
    assert kept(decided(code, at="python/lib/sub/user.py")) == BOTH


def test_a_stub_that_lazy_loader_reads_comes_back() -> None:
    files = {
        "python/lib-1.dist-info/METADATA": b"",
        "python/lib/__init__.py": b"import lazy_loader as l\nl.attach_stub(__name__, __file__)",
        "python/lib/__init__.pyi": b"from . import a",
        "python/lib/a.pyi": b"",
    }
    decision = decide_tree(MemorySource(files), PACKS, Settings(guards=("python",)))
    assert decision.verdicts["python/lib/__init__.pyi"].action is Action.KEEP
    assert decision.verdicts["python/lib/a.pyi"].action is Action.DROP


def test_what_comes_back_may_ask_for_more() -> None:
    source = MemorySource(
        {
            **TREE,
            HELPER: b"from . import other",
            "python/lib/user.py": b"from .tests import helper",
        }
    )
    decision = decide_tree(source, PACKS, Settings(guards=("python",)))
    assert kept(decision) == {*BOTH, "python/lib/tests/other.py"}
    [chain] = [r.chain for r in decision.rescues if r.path.endswith("other.py")]
    assert chain.startswith(f"{HELPER} needs python/lib/tests/other")


def test_the_users_own_drop_is_held_against_imports_too() -> None:
    decision = decided("from . import sub", drop="python/lib/sub/")
    assert decision.verdicts["python/lib/sub/__init__.py"].action is Action.KEEP


def test_a_source_that_cannot_be_parsed_is_named_and_kept() -> None:
    decision = decided("from .tests import helper\nprint 'Python 2'")
    assert decision.verdicts["python/lib/user.py"].action is Action.KEEP
    [found] = [f for f in decision.findings if f.code == "unreadable-source"]
    assert "python/lib/user.py" in found.message


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    words(source)
    with contextlib.suppress(FormatError):
        imports(source)


@pytest.mark.parametrize("code", [b"(" * 100_000, b"-" * 200_000 + b"1", b"a." * 100_000 + b"b"])
def test_deep_sources_are_refused_or_read(code: bytes) -> None:
    with pytest.raises(FormatError, match="no source for this Python"):
        imports(b"import tests\n" + code)


@pytest.mark.parametrize("piece", [b"from (", b"import \\\n", b"'", b"'a.", b" a", b"a as ", b"\t"])
def test_the_cheap_look_ends_on_any_repetition(piece: bytes) -> None:
    assert words(piece * 300_000) <= {b"a", b"as", b"from", b"import"}
