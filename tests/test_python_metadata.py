"""Metadata and entry points that kept code asks for by name come back."""

from __future__ import annotations

import pytest

from slimmer.config import Settings
from slimmer.data import load_packs
from slimmer.model import Action, Word
from slimmer.pipeline import Decision, decide_tree
from tests.trees import MemorySource

PACKS = load_packs()
PLUGIN = {
    "x-1.dist-info/METADATA": b"",
    "x-1.dist-info/entry_points.txt": b"[console_scripts]\nc = y.c:main\n[ g ]\np = y.p:f [x]\n",
    "y/p.py": b"",
    "y/c.py": b"",
}


def decided(files: dict[str, bytes], *drops: str) -> Decision:
    settings = Settings(drop=tuple(Word(w, "--drop") for w in drops), guards=("python",))
    return decide_tree(MemorySource(files), PACKS, settings)


def kept(files: dict[str, bytes], *drops: str) -> set[str]:
    verdicts = decided(files, *drops).verdicts
    return {p for p, v in verdicts.items() if v.action is Action.KEEP and p in files}


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
