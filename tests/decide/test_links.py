"""Which files may become links to identical ones."""

from __future__ import annotations

import pytest

from slimmer.decide.links import linkable
from slimmer.rules.engine import KEPT, Ruleset, find_roots, place_packs
from slimmer.rules.packs import load_packs
from tests.support.trees import MemorySource

PACKS = load_packs()


def may_link(path: str, *, media: bool = False) -> bool:
    tree = MemorySource({path: bytes(500)}).tree
    roots = place_packs(find_roots(tree, PACKS), Ruleset(PACKS, frozenset()))
    verdicts = {entry.path: KEPT for entry in tree.entries}
    return [e.path for e in linkable(tree, verdicts, roots, media=media)] == [path]


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
