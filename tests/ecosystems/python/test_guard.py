"""What kept modules import comes back, however it is written; what they do not, stays dropped."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.formats import FormatError
from slimmer.formats.python.imports import MAX_SOURCE_BYTES, asking_words, imports
from slimmer.model.rules import Action
from slimmer.rules.packs import load_packs
from tests.support.decide import decide
from tests.support.decide import kept as kept_paths
from tests.support.natives import Zip
from tests.support.trees import MemorySource

PACKS = load_packs()
TREE = {
    "python/lib-1.dist-info/METADATA": b"",
    "python/lib/__init__.py": b"",
    "python/lib/sub/__init__.py": b"",
    "python/lib/tests/__init__.py": b"",
    "python/lib/tests/helper.py": b"",
    "python/lib/tests/other.py": b"",
    "python/lib/tests/test_lib.py": b"",
}
HELPER = "python/lib/tests/helper.py"


def decided(code: str, *, at: str = "python/lib/user.py", drop: str = "") -> Decision:
    return decide({**TREE, at: code.encode()}, drop=drop, guards=("python",))


def kept(decision: Decision) -> set[str]:
    return {path for path in kept_paths(decision) if "tests" in path}


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
        "from importlib import import_module as load\nload('lib.tests.helper')",
        "NAME = 'lib.tests.helper'\nimport importlib\nimportlib.import_module(NAME)",
        "from importlib import import_module\nimport_module('.tests.helper', package='lib')",
        "import runpy\nrunpy.run_module('lib.tests.helper')",
        "import pkgutil\npkgutil.get_data('lib.tests.helper', 'x')",
        "try:\n    from .tests import helper\nexcept ImportError as e:\n    raise SystemExit(1)",
        "if m := f(): from .tests import helper",
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
        "HANDLERS = {'one': 'lib.tests.helper'}",
        "try: from .tests import helper\nexcept (ImportError, OSError): pass",
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
    decision = decide(files, guards=("python",))
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
    decision = decide(source, guards=("python",))
    assert kept(decision) == {*BOTH, "python/lib/tests/other.py"}
    [chain] = [r.chain for r in decision.rescues if r.path.endswith("other.py")]
    assert chain.startswith(f"{HELPER} needs python/lib/tests/other")


def test_the_users_own_drop_is_held_against_imports_too() -> None:
    decision = decided("from . import sub", drop="python/lib/sub/")
    assert decision.verdicts["python/lib/sub/__init__.py"].action is Action.KEEP


def test_a_source_that_is_too_large_to_read_is_named_and_kept() -> None:
    decision = decided("from .tests import helper\n" + "#" * MAX_SOURCE_BYTES)
    assert decision.verdicts["python/lib/user.py"].action is Action.KEEP
    [found] = [f for f in decision.findings if f.code == "unreadable-source"]
    assert "python/lib/user.py" in found.message


@pytest.mark.parametrize(
    "rest",
    [
        "print 'Python 2'",
        "exec code in names",
        "except ValueError, error: pass",
        "t'{a!r:{b}}'",
        "def f[T: int = str](x: T) -> T: ...",
        "x = f'{a[\"b\"]}'",
        "x = (",
        'x = """',
        "\0",
        "(" * 100_000,
        "-" * 200_000 + "1",
        "f(" * 100_000,
    ],
)
def test_what_this_python_cannot_parse_is_read_all_the_same(rest: str) -> None:
    assert kept(decided(f"from .tests import helper\n{rest}")) == BOTH


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    asking_words(source)
    with contextlib.suppress(FormatError):
        imports(source)


@pytest.mark.parametrize(
    "piece", [b"from (", b"import \\\n", b"'", b"'a.", b" a", b"a as ", b"\t", b"#", b"(#"]
)
def test_the_cheap_look_ends_on_any_repetition(piece: bytes) -> None:
    assert asking_words(piece * 300_000) <= {b"a", b"as", b"from", b"import"}


def kept_of(files: dict[str, bytes], *drops: str) -> set[str]:
    return kept_paths(decide(files, drop=" ".join(drops), guards=("python",))) & set(files)


def test_a_package_comes_back_with_the_data_beside_its_modules() -> None:
    files = {"user.py": b"import certs", "certs/__init__.py": b"", "certs/ca.pem": b""}
    assert kept_of(files, "/certs/") == set(files)


def test_a_package_that_nothing_imports_stays_dropped() -> None:
    assert kept_of({"user.py": b"", "certs/__init__.py": b""}, "/certs/") == {"user.py"}


def test_modules_that_a_lazily_read_stub_names_come_back_with_it() -> None:
    files = {
        "lib/__init__.py": b"import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)",
        "lib/__init__.pyi": b"from . import part\nfrom .tests import helper",
        "lib/tests/__init__.py": b"",
        "lib/tests/helper.py": b"",
        "lib-1.dist-info/METADATA": b"",
        "lib/part.py": b"",
    }
    assert kept_of(files) == set(files)


def test_data_that_is_read_from_a_package_by_its_name_brings_the_package_back() -> None:
    code = b"from importlib import resources\nresources.files('lib.certs').joinpath('ca.pem')"
    files = {"lib/__init__.py": code, "lib/certs/__init__.py": b"", "lib/certs/ca.pem": b""}
    assert kept_of(files, "/lib/certs/") == set(files)


@pytest.mark.parametrize(
    "code",
    [b"import ns.part.mod", b"from ns.part import mod", b"from .part import mod"],
)
def test_namespace_packages_are_looked_up_in_every_root(code: bytes) -> None:
    files = {
        "ns/user.py": code,
        "ns/part/mod.py": b"",
        "ns/part/other.py": b"",
        "vendor/x-1.dist-info/METADATA": b"",
        "vendor/ns/part/more.py": b"",
    }
    gone = {"ns/part/other.py", "vendor/ns/part/more.py"}
    assert kept_of(files, "part/") == set(files) - gone
    more = {**files, "ns/user.py": b"import ns.part.more"}
    assert "vendor/ns/part/more.py" in kept_of(more, "part/")


def test_a_module_is_found_whichever_file_provides_it() -> None:
    files = {"user.py": b"import fast", "fast.cpython-311-x86_64-linux-gnu.so": b"\x7fELF"}
    assert kept_of(files, "/fast.*") == set(files)
    kept_one = {**files, "fast.py": b""}
    assert kept_of(kept_one, "/fast.*.so") == {"user.py", "fast.py"}


def test_a_module_whose_name_is_no_identifier_is_found_by_its_string() -> None:
    code = b"import importlib\nimportlib.import_module('lib.a-b')"
    files = {"user.py": code, "lib/__init__.py": b"", "lib/a-b.py": b""}
    assert kept_of(files, "/lib/a-b.py") == set(files)


def test_more_dropped_names_than_are_searched_one_by_one_are_found() -> None:
    files = {f"m{number}.py": b"" for number in range(40)} | {"user.py": b"import m7"}
    assert kept_of(files, "/m*.py") == {"user.py", "m7.py"}


@pytest.mark.parametrize(
    "coding", ["utf-8", "latin-1", "ISO-8859-15", "euc_jp", "cp1252", "UTF", "cp65001"]
)
def test_the_encoding_of_a_source_is_no_hindrance(coding: str) -> None:
    code = f"#!/usr/bin/python\n# -*- coding: {coding} -*-\nfrom .tests import helper"
    assert kept(decided(code)) == BOTH


@pytest.mark.parametrize(
    "start",
    [
        "import sys\n# coding: none",
        "#\n#\n# coding: none",
        "x = '# coding: z'",
    ],
)
def test_what_only_reads_like_an_encoding_is_none(start: str) -> None:
    assert kept(decided(f"{start}\nfrom .tests import helper")) == BOTH


def test_a_source_in_which_a_quote_may_be_half_a_character_is_named() -> None:
    code = "# coding: shift_jis\nfrom .tests import helper"
    [found] = [f for f in decided(code).findings if f.code == "unreadable-source"]
    assert "its text is in shift-jis" in found.message


def test_names_that_are_not_utf8_do_no_harm() -> None:
    files = {"user.py": b"import lib", "lib/\udcff.py": b"", "lib/__init__.py": b""}
    assert kept_of(files, "/lib/") == set(files)


@pytest.mark.parametrize(
    ("path", "code", "comes_back"),
    [
        ("app.py", "from lib.tests import helper", BOTH),
        ("deep/er.py", "def f():\n    import lib.tests.helper", BOTH),
        ("app.py", "import lib.sub", set()),
        ("lib/__init__.py", "from lib.tests import helper", set()),  # the zip has a lib of its own
        ("app.py", "from .tests import helper", set()),
    ],
)
def test_a_function_beside_brings_back_what_it_imports(
    path: str, code: str, comes_back: set[str]
) -> None:
    beside = Deployment(siblings=(Zip("fn.zip", {path: code.encode()}),))
    found = decide(TREE, guards=("python",), deployment=beside)
    assert kept(found) == comes_back
    assert {rescue.chain.partition(" needs ")[0] for rescue in found.rescues} <= {f"fn.zip: {path}"}


def test_a_distribution_that_a_function_beside_asks_for_keeps_its_metadata() -> None:
    code = b"import importlib.metadata\nimportlib.metadata.version('lib')"
    beside = Deployment(siblings=(Zip("fn.zip", {"app.py": code}),))
    found = decide(TREE, drop="*.dist-info/", guards=("python",), deployment=beside)
    assert "python/lib-1.dist-info/METADATA" in kept_paths(found)
