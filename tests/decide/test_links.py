"""Which files may become links to identical ones."""

from __future__ import annotations

import pytest

from slimmer.decide.links import LARGE_BYTES, linkable
from slimmer.model.owners import OWN
from slimmer.rules.engine import KEPT, Ruleset, find_roots, place_packs
from slimmer.rules.packs import load_packs
from tests.support.trees import MemorySource

PACKS = load_packs()


COPIES = [
    (
        "python/share/jupyter/nbextensions/pydeck/index.js.map",
        "python/pydeck-0.9.dist-info/METADATA",
    ),
    ("pydeck/nbextension/static/index.js", "pydeck-0.9.dist-info/METADATA"),
    ("f/node_modules/esbuild/bin/esbuild", "f/node_modules/esbuild/package.json"),
]


def may_link(
    path: str, beside: str = "", *, media: bool = False, size: int = 500, owner: str = OWN
) -> bool:
    tree = MemorySource({path: bytes(size), **({beside: b""} if beside else {})}).tree
    roots = place_packs(find_roots(tree, PACKS), Ruleset(PACKS, frozenset()))
    verdicts = {entry.path: KEPT for entry in tree.entries}
    owners = dict.fromkeys(verdicts, owner)
    return path in [e.path for e in linkable(tree, verdicts, roots, owners, media=media)]


@pytest.mark.parametrize(
    "path",
    ["lib/libx.so.1.2", "lib/libx.so", "LICENSE.txt", "x/NOTICE", "share/zoneinfo/Europe/Berlin"],
)
def test_what_nobody_serves_may(path: str) -> None:
    assert may_link(path)


@pytest.mark.parametrize("path", ["web/logo.png", "web/a.svg", "fonts/x.woff2"])
def test_media_may_only_where_asked(path: str) -> None:
    assert not may_link(path)
    assert may_link(path, media=True)


@pytest.mark.parametrize(
    "path",
    [
        *("x/a.cpython-311-x86_64-linux-gnu.so", "x/a.abi3.so", "x/a.pypy39-pp73-x86.so"),
        *("x/a.py", "bin/x", "web/a.css", "web/a.js", "x/a.node"),
    ],
)
def test_what_looks_around_or_has_a_state_may_not(path: str) -> None:
    assert not may_link(path, media=True)


@pytest.mark.parametrize(("path", "beside"), COPIES)
def test_what_installers_write_twice_may_where_it_is_large(path: str, beside: str) -> None:
    assert may_link(path, beside, size=LARGE_BYTES, owner="python/pydeck")
    assert not may_link(path, beside, size=LARGE_BYTES - 1, owner="python/pydeck")
    assert not may_link(path, beside, size=LARGE_BYTES)
