"""Metadata and entry points that kept code asks for by name come back."""

from __future__ import annotations

import pytest

from slimmer.decide.decide import Decision
from slimmer.rules.packs import load_packs
from tests.support.decide import decide
from tests.support.decide import kept as kept_paths
from tests.support.installed import record
from tests.support.natives import said

PACKS = load_packs()
PLUGIN = {
    "x-1.dist-info/METADATA": b"",
    "x-1.dist-info/entry_points.txt": b"[console_scripts]\nc = y.c:main\n[ g ]\np = y.p:f [x]\n",
    "y/p.py": b"",
    "y/c.py": b"",
}


def decided(files: dict[str, bytes], *drops: str) -> Decision:
    return decide(files, drop=" ".join(drops), guards=("python",))


def kept(files: dict[str, bytes], *drops: str) -> set[str]:
    return kept_paths(decided(files, *drops)) & set(files)


@pytest.mark.parametrize(
    "code",
    [
        b"import importlib.metadata\nimportlib.metadata.version('My.Dist')",
        b"from importlib.metadata import version\nV = version('my-dist')",
        b"from importlib.metadata import entry_points\nentry_points(group='my.group')",
        b"import pkg_resources\npkg_resources.get_distribution('my_dist').version",
        b"import pkg_resources\npkg_resources.require('my.dist>=1')",
        b"from importlib.metadata import version as v\nNAME = 'my.dist'\nv(NAME)",
        b"from importlib.metadata import distribution\ndistribution(distribution_name='my-dist')",
        b"from importlib import metadata\nmetadata.entry_points().select(group='my.group')",
        b"import pkg_resources\npkg_resources.iter_entry_points('my.group')",
    ],
)
def test_metadata_that_is_asked_for_by_name_comes_back(code: bytes) -> None:
    info = "my_dist-1.0.dist-info"
    files = {
        "user.py": code,
        f"{info}/METADATA": b"",
        f"{info}/entry_points.txt": b"[my.group]\na = user:f\n",
    }
    assert f"{info}/METADATA" in kept(files, "/*.dist-info/")
    other = code.replace(b"my", b"other").replace(b"My", b"Other")
    assert f"{info}/METADATA" not in kept({**files, "user.py": other}, "/*.dist-info/")


def test_a_package_that_asks_for_its_own_version_keeps_its_metadata() -> None:
    code = b"from importlib.metadata import version\n__version__ = version(__name__)"
    files = {"mine/__init__.py": code, "mine-1.dist-info/METADATA": b""}
    assert kept(files, "/*.dist-info/") == set(files)


def test_what_a_module_without_a_package_asks_of_itself_comes_back() -> None:
    code = b"import importlib.metadata\n__version__ = importlib.metadata.version(__name__)"
    files = {"mine.py": code, "mine-1.dist-info/METADATA": b""}
    assert kept(files, "/*.dist-info/") == set(files)


def test_a_version_that_may_be_missing_is_only_told_of() -> None:
    code = b"from importlib import metadata as m\ntry: V = m.version('x')\nexcept Exception: V = ''"
    decision = decided({"user.py": code, "x-1.dist-info/METADATA": b""}, "/*.dist-info/")
    [told] = [f.message for f in decision.findings if f.code == "dropped-dependency"]
    assert "user.py may call it (version under try)" in told
    assert not decision.rescues


def test_a_function_that_is_only_called_version_asks_for_no_metadata() -> None:
    files = {"user.py": b"def version(x): ...\nversion('x')", "x-1.dist-info/METADATA": b""}
    assert kept(files, "/*.dist-info/") == {"user.py"}


def test_a_plugin_that_is_named_for_others_is_told_of() -> None:
    decision = decided(PLUGIN, "/y/")
    [told] = [f.message for f in decision.findings if f.code == "dropped-dependency"]
    assert "entry point" in told
    assert "y/p" in told


def test_a_plugin_whose_group_kept_code_asks_for_comes_back() -> None:
    code = (
        b"from importlib.metadata import entry_points\nfor e in entry_points(group='g'): e.load()"
    )
    files = {**PLUGIN, "user.py": code}
    assert kept(files, "/y/") == {*files} - {"y/c.py"}
    assert kept(files, "/y/", "/*.dist-info/") == {*files} - {"y/c.py"}


@pytest.mark.parametrize(
    "text",
    [b"[" * 1_000_000, b"[" + b" " * 1_000_000, b"a=" * 500_000, b"a = \xff\0", b"=\n[]\n=x"],
)
def test_broken_entry_points_are_read_all_the_same(text: bytes) -> None:
    files = {**PLUGIN, "z-1.dist-info/METADATA": b"", "z-1.dist-info/entry_points.txt": text}
    assert "y/p" in "".join(f.message for f in decided(files, "/y/").findings)


GUEST = {
    "pytest/__init__.py": b"import _pytest",
    "_pytest/__init__.py": b"",
    "pytest-9.dist-info/METADATA": b"",
    "pytest-9.dist-info/RECORD": record(("pytest/__init__.py", "_pytest/__init__.py")),
    "lib/__init__.py": b"",
    "lib/extra/__init__.py": b"",
    "lib/extra/plug.py": b"import pytest",
    "lib-1.dist-info/METADATA": b"",
    "lib-1.dist-info/entry_points.txt": b"[pytest11]\nlib = lib.extra.plug\n",
}
PYTEST = {"pytest/__init__.py", "_pytest/__init__.py"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"py.py": b"import _pytest._py.path as path"},
        {"lib/other.py": b"from . import extra\nimport plug"},
    ],
)
def test_a_plugin_of_a_dropped_program_does_not_bring_it_back(more: dict[str, bytes]) -> None:
    decision = decided({**GUEST, **more})
    assert not decision.rescues
    assert said(decision) == []


@pytest.mark.parametrize(
    "more",
    [
        {"user.py": b"from lib.extra import plug"},
        {"user.py": b"import lib.extra.plug"},
        {"lib/user.py": b"def f():\n    from .extra.plug import fixture"},
        {"lib/extra/user.py": b"from . import plug"},
        {"user.py": b"import importlib\nimportlib.import_module('lib.extra.plug')"},
        {"lib/other.py": b"import pytest"},
        {"py.py": b"import _pytest._py.path as path\nimport pytest", "user.py": b"import py"},
    ],
)
def test_a_plugin_that_others_import_brings_back_what_it_needs(more: dict[str, bytes]) -> None:
    assert kept({**GUEST, **more}) >= PYTEST


RUNNER = b"class Runner:\n def run_test(self):\n  from _pytest.outcomes import Exit"


@pytest.mark.parametrize("needs", [b"", b"Requires-Dist: pytest>=8; extra == 'test'\n"])
def test_what_a_plugin_asks_of_a_running_pytest_does_not_bring_it_back(needs: bytes) -> None:
    files = {**GUEST, "lib/runner.py": RUNNER, "lib-1.dist-info/METADATA": b"Name: lib\n" + needs}
    decision = decided(files)
    assert not decision.rescues
    assert said(decision) == []


@pytest.mark.parametrize(
    "more",
    [
        {"user.py": RUNNER},
        {"lib/runner.py": RUNNER, "lib-1.dist-info/METADATA": b"Requires-Dist: pytest (>=8)\n"},
        {"lib/runner.py": RUNNER, "lib-1.dist-info/entry_points.txt": b"[other]\nl = lib.extra\n"},
    ],
)
def test_private_modules_of_pytest_come_back_for_what_needs_them(more: dict[str, bytes]) -> None:
    assert "_pytest/__init__.py" in kept({**GUEST, **more})


def test_a_plugin_brings_back_all_else_that_it_imports() -> None:
    plug = b"import pytest\nfrom lib.tests import helper"
    files = {**GUEST, "lib/extra/plug.py": plug, "lib/tests/__init__.py": b""}
    files["lib/tests/helper.py"] = b""
    found = kept(files)
    assert "lib/tests/helper.py" in found
    assert not PYTEST & found


def test_a_plugin_of_setuptools_does_not_bring_it_back() -> None:
    files = {
        "cffi-2.dist-info/METADATA": b"",
        "cffi-2.dist-info/entry_points.txt": b"[distutils.setup_keywords]\nm = cffi.ext:m\n",
        "cffi/__init__.py": b"",
        "cffi/ext.py": b"def m():\n    from setuptools.command import build_ext",
        "setuptools/__init__.py": b"",
        "setuptools/command/build_ext.py": b"",
    }
    assert not decided(files).rescues
    user = {"user.py": b"import setuptools.command.build_ext"}
    assert "setuptools/command/build_ext.py" in kept({**files, **user})


VENDORED = {
    "setuptools/__init__.py": b"",
    "setuptools/_vendor/zipp-3.dist-info/METADATA": b"",
    "setuptools/_vendor/zipp/__init__.py": b"",
}


def test_what_a_package_brings_for_itself_is_not_what_others_import() -> None:
    user = b"import zipp\ntry: import setuptools\nexcept ImportError: pass"
    assert kept({**VENDORED, "user.py": user}, "/setuptools/") == {"user.py"}


def test_what_a_package_brings_for_itself_is_found_by_its_own_code() -> None:
    files = {**VENDORED, "setuptools/user.py": b"import zipp"}
    assert kept(files, "/setuptools/_vendor/") >= {"setuptools/_vendor/zipp/__init__.py"}


def test_a_folder_of_packages_that_is_no_package_is_searched_for_all() -> None:
    files = {"libs/x-1.dist-info/METADATA": b"", "libs/x/__init__.py": b"", "user.py": b"import x"}
    assert kept(files, "/libs/x/") == set(files)
