"""Node's packages and addons: those for another Node are named."""

from __future__ import annotations

import json

from tests.support.natives import LINUX, decided, said


def test_a_package_that_wants_another_node_is_named() -> None:
    wants = {"engines": {"node": ">=20.9.0"}}
    files = {"node_modules/x/package.json": json.dumps(wants).encode(), "index.js": b""}
    assert said(decided(files, target="nodejs18.x")) == [
        "warn node-engines: node_modules/x wants Node >=20.9.0; nodejs18.x has 18"
    ]
    assert said(decided(files, target="nodejs20.x")) == []


def test_addons_for_other_nodes_are_named() -> None:
    folder = "node_modules/x/prebuilds/linux-x64/"
    files = {folder + "node.abi108.node": LINUX, "index.js": b""}
    (warning,) = said(decided(files, target="nodejs22.x"))
    assert warning.startswith(
        f"warn node-abi: {folder}node.abi108.node: for other Nodes; nodejs22.x"
    )
    assert said(decided(files, target="nodejs18.x")) == []
    assert said(decided(files | {folder + "node.napi.node": LINUX}, target="nodejs22.x")) == []
