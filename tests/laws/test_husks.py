"""Of a unit either its manifest ships, or nothing: whatever is dropped, kept or not reached."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.model.owners import OWN
from slimmer.model.rules import Tier
from slimmer.rules.packs import load_packs
from tests.support.decide import decide, kept
from tests.support.installed import npm_lock, record


def wheel(name: str, *paths: str, site: str = "") -> dict[str, bytes]:
    """Return a distribution of these files, with a licence, as pip leaves it."""
    info = f"{name}-1.0.dist-info"
    files = dict.fromkeys((*paths, f"{info}/licenses/LICENSE", f"{info}/WHEEL"), b"")
    files[f"{info}/METADATA"] = f"Name: {name}\nVersion: 1.0\n".encode()
    files[f"{info}/RECORD"] = record(files)
    return {site + path: data for path, data in files.items()}


def package(folder: str, name: str) -> dict[str, bytes]:
    """Return an npm package with a licence and a script."""
    manifest = f'{{"name": "{name}", "version": "1.0.0", "main": "lib/index.js"}}'.encode()
    rest = {f"{folder}/{path}": b"" for path in ("LICENSE", "lib/index.js", "docs/NOTICE")}
    return {f"{folder}/package.json": manifest, **rest}


APP = b'{application,observer,[{applications,[kernel]},{runtime_dependencies,["erts-13"]}]}.\n'
TREE = {
    "app.py": b"import requests\n",
    "index.js": b"require('express')\n",
    **wheel("requests", "requests/__init__.py", "requests/LICENSE"),
    **wheel("pytest", "pytest/__init__.py", "_pytest/main.py", "_pytest/vendor/LICENSE"),
    **wheel("pytest_cov", "pytest_cov/__init__.py", "pytest_cov/plugin.py"),
    **wheel("mypy", "mypy/__init__.py", "mypy/typeshed/LICENSE", "mypy/typeshed/x.pyi"),
    **wheel("ruff", "ruff/__init__.py"),
    **wheel("pytest", "pytest/__init__.py", "_pytest/main.py", site="vendor/"),
    **package("node_modules/express", "express"),
    **package("node_modules/webpack", "webpack"),
    **package("node_modules/webpack/node_modules/ms", "ms"),
    "node_modules/@types/node/package.json": b'{"name": "@types/node", "version": "1.0.0"}',
    "node_modules/@types/node/index.d.ts": b"",
    "node_modules/@types/node/LICENSE": b"",
    **package("node_modules/@jest/core", "@jest/core"),
    "lib/observer-2.14/ebin/observer.app": APP,
    "lib/observer-2.14/ebin/observer.beam": b"",
    "lib/observer-2.14/LICENSE": b"",
}
TREE |= npm_lock(TREE)
COMPONENTS = sorted(c.name for pack in load_packs() for c in pack.components)
INFO = re.compile(r"(.*\.dist-info)/.*")
PACKAGE = re.compile(r"((?:.*/|)node_modules/(?:@[^/]+/)?[^/@.][^/]*)/.*")
LICENCE = re.compile(r"(?:.*/)?(?:LICENSE|NOTICE)")


@given(
    tier=st.sampled_from(Tier),
    drops=st.lists(st.sampled_from(COMPONENTS), max_size=8),
    keeps=st.lists(st.sampled_from(sorted(TREE)), max_size=2),
    tree_shake=st.booleans(),
    guards=st.sampled_from([(), ("python", "node", "otp")]),
)
@settings(max_examples=30, deadline=None)
def test_no_unit_ships_without_its_manifest_or_with_licences_only(
    tier: Tier, drops: list[str], keeps: list[str], tree_shake: bool, guards: tuple[str, ...]
) -> None:
    decision = decide(
        TREE,
        drop=" ".join(drops),
        keep=" ".join(f"/{path}" for path in keeps),
        tier=tier,
        tree_shake=tree_shake,
        guards=guards,
    )
    ships = kept(decision)
    units: dict[str, set[str]] = {}
    for path in ships & TREE.keys():
        if info := INFO.fullmatch(path):
            assert f"{info[1]}/METADATA" in ships, path
        if inside := PACKAGE.fullmatch(path):
            assert f"{inside[1]}/package.json" in ships, path
        units.setdefault(decision.owners[path], set()).add(path)
    for owner, paths in units.items():
        assert owner == OWN or keeps or not all(map(LICENCE.fullmatch, paths)), owner
