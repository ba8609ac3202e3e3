"""Archives in Yarn's cache that Plug'n'Play leads to no file in are dropped."""

from __future__ import annotations

import pytest

from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped

CACHE = ".yarn/cache"
IN_USE, COPY = f"{CACHE}/lodash-npm-4.17.21-aa-10c0.zip", f"{CACHE}/sharp-npm-0.35.5-bb-10c0.zip"
OWN = f"{CACHE}/backup.zip"
UNPACKED = ".yarn/unplugged/sharp-npm-0.35.5-bb/node_modules/sharp/package.json"
MAP = b"""
"packageLocation": "./.yarn/cache/lodash-npm-4.17.21-aa-10c0.zip/node_modules/lodash/",
"packageLocation": "./.yarn/unplugged/sharp-npm-0.35.5-bb/node_modules/sharp/",
"""
TREE = {
    ".pnp.cjs": MAP,
    IN_USE: b"PK",
    COPY: b"PK",
    OWN: b"PK",
    UNPACKED: b'{"name": "sharp", "version": "0.35.5"}',
}


@pytest.mark.parametrize("tier", list(Tier))
def test_the_copy_of_what_was_unpacked_goes(tier: Tier) -> None:
    assert dropped(decide(TREE, tier=tier)) == (set() if tier is Tier.SAFE else {COPY})


@pytest.mark.parametrize(
    "change",
    [
        {".pnp.cjs": b"module.exports = setup()"},
        {".pnp.data.json": b'"./.yarn/cache/sharp-npm-0.35.5-bb-10c0.zip/"'},
    ],
)
def test_where_the_map_is_not_understood_or_names_it_it_stays(change: dict[str, bytes]) -> None:
    assert not dropped(decide({**TREE, **change}))


def test_the_users_word_keeps_it() -> None:
    assert not dropped(decide(TREE, keep="/.yarn/"))


def test_below_a_folder_as_well() -> None:
    tree = {f"api/{path}": data for path, data in TREE.items()}
    assert dropped(decide(tree)) == {f"api/{COPY}"}
