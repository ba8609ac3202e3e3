"""Of files that are variants of one thing stay those that something names, or the target takes."""

from __future__ import annotations

import pytest

from slimmer.ecosystems.context import Deployment
from slimmer.targets import find_targets
from tests.decide.test_shake import package
from tests.support.decide import decide, dropped
from tests.support.installed import npm_lock

CLIENT = "node_modules/@prisma/client"
GENERATED = "node_modules/.prisma/client"
ENGINES = {
    f"{CLIENT}/runtime/query_{kind}_bg.{database}.js": b"x"
    for kind in ("compiler", "engine")
    for database in ("mysql", "sqlite")
}
LIBRARIES = ("debian-openssl-3.0.x", "rhel-openssl-3.0.x", "linux-arm64-openssl-3.0.x")
LIBRARIES_OF = {f"{GENERATED}/libquery_engine-{name}.so.node": b"x" for name in LIBRARIES}
TREE = {
    **package("@prisma/client"),
    **package("prisma", dependencies={"@prisma/client": "6"}),
    f"{CLIENT}/index.js": b"module.exports = require('.prisma/client')",
    f"{CLIENT}/runtime/library.js": b"`query_engine_bg.${provider}`",
    f"{GENERATED}/index.js": b"require('@prisma/client/runtime/library.js')",
    **ENGINES,
}
TREE |= npm_lock(TREE)
OWN = {"app.js": b"const { PrismaClient } = require('@prisma/client')"}


def gone(files: dict[str, bytes], target: str = "nodejs22.x", arch: str = "") -> set[str]:
    found = find_targets(target)
    deployment = Deployment(target=found[0], targets=found[1])
    made = decide({**TREE, **files}, deployment=deployment, tree_shake=True, arch=arch)
    return dropped(made) & (ENGINES.keys() | LIBRARIES_OF.keys())


def test_engines_that_nothing_names_go() -> None:
    assert gone(OWN) == set(ENGINES)


@pytest.mark.parametrize("place", ["generated/class.js", f"{GENERATED}/class.js"])
def test_the_engine_that_a_generated_client_names_stays(place: str) -> None:
    names = b'import("@prisma/client/runtime/query_compiler_bg.sqlite.mjs")'
    stays = f"{CLIENT}/runtime/query_compiler_bg.sqlite.js"
    assert gone({**OWN, place: names}) == ENGINES.keys() - {stays}


@pytest.mark.parametrize(
    "code", ["import(`@prisma/client/runtime/query_engine_bg.${db}.mjs`)", "require('prisma')"]
)
def test_all_engines_stay_where_any_may_be_asked_for(code: str) -> None:
    assert not gone({**OWN, "tool.js": code.encode()})


@pytest.mark.parametrize(
    ("target", "arch", "stay"),
    [
        ("nodejs22.x", "x86_64", {"rhel-openssl-3.0.x"}),
        ("nodejs22.x", "arm64", {"linux-arm64-openssl-3.0.x"}),
        ("nodejs22.x", "", {"rhel-openssl-3.0.x", "linux-arm64-openssl-3.0.x"}),
        ("lambda", "x86_64", set(LIBRARIES)),
        ("provided.al2", "x86_64", set(LIBRARIES)),
    ],
)
def test_of_the_engines_for_platforms_the_targets_stays(
    target: str, arch: str, stay: set[str]
) -> None:
    went = gone({**OWN, **LIBRARIES_OF}, target, arch) & LIBRARIES_OF.keys()
    assert {name for name in LIBRARIES if not any(name in path for path in went)} == stay


def test_an_engine_that_a_variable_may_name_stays() -> None:
    start = {"bootstrap": b"#!/bin/sh\nexport PRISMA_QUERY_ENGINE_LIBRARY=/opt/x.node\n"}
    assert not gone({**OWN, **LIBRARIES_OF, **start}) & LIBRARIES_OF.keys()
