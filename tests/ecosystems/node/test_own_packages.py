"""Packages that are named in short, declared, or brought back come as they are needed."""

from __future__ import annotations

import json

import pytest

from slimmer.decide.decide import Decision
from slimmer.model.rules import Tier
from tests.support.decide import decide, dropped, kept
from tests.support.installed import npm_lock


def package(name: str, **keys: object) -> dict[str, bytes]:
    manifest = json.dumps({"name": name, "version": "1.0.0", **keys}).encode()
    home = f"node_modules/{name}"
    return {f"{home}/package.json": manifest, f"{home}/index.js": b""}


def decided(
    files: dict[str, str],
    *packages: dict[str, bytes],
    tier: Tier = Tier.DEFAULT,
    drop: str = "",
) -> Decision:
    tree = {path: data for each in packages for path, data in each.items()}
    tree |= npm_lock(tree)
    tree |= {path: text.encode() for path, text in files.items()}
    return decide(tree, guards=("node",), tier=tier, drop=drop)


def has(decision: Decision, *names: str) -> list[bool]:
    return [f"node_modules/{name}/index.js" in kept(decision) for name in names]


PLUGINS = [
    ("eslint-config-airbnb-base", '{"extends": "airbnb-base"}', ".eslintrc"),
    ("eslint-plugin-react", "plugins: [react]", ".eslintrc"),
    ("@acme/eslint-config", '{"extends": ["@acme"]}', ".eslintrc.json"),
    ("@babel/preset-env", '{"presets": ["@babel/env"]}', ".babelrc"),
    ("@babel/preset-env", 'module.exports = {presets: [["@babel/preset-env", {}]]}', "babel.js"),
    ("jest-environment-jsdom", "exports.testEnvironment = 'jsdom'", "jest.config.js"),
]


@pytest.mark.parametrize(("name", "text", "path"), PLUGINS)
def test_a_plugin_that_is_declared_is_kept_by_its_short_name(
    name: str, text: str, path: str
) -> None:
    manifest = json.dumps({"dependencies": {name: "1"}})
    files = {path: text, "package.json": manifest}
    assert has(decided(files, package(name), tier=Tier.AGGRESSIVE), name) == [True]


def test_a_plugin_is_kept_by_its_short_name_where_its_host_is() -> None:
    files = {"index.js": "require('eslint')", ".eslintrc": '{"extends": "airbnb-base"}'}
    name = "eslint-config-airbnb-base"
    assert has(decided(files, package("eslint"), package(name)), name) == [True]
    assert has(decided({".eslintrc": "extends: x"}, package("eslint"), package(name)), name) == [
        False
    ]


def test_a_declared_plugin_comes_with_its_host() -> None:
    name = "eslint-plugin-react"
    files = {
        "index.js": "require('eslint')",
        "package.json": json.dumps({"dependencies": {name: "1"}}),
    }
    found = decided(files, package("eslint"), package(name))
    assert has(found, name) == [True]
    [told] = [f.message for f in found.findings if f.code == "declared-kept"]
    assert told.startswith(f"{name} (")
    assert told.endswith(f"--drop '/node_modules/{name}/'")
    without = decided(files, package("eslint"), package(name), drop=f"/node_modules/{name}/")
    assert has(without, name) == [False]


def test_what_is_declared_stays_where_anything_that_is_kept_may_ask_for_it() -> None:
    other = package("other") | {"node_modules/other/index.js": b"f = () => require('webpack')"}
    files = {"package.json": json.dumps({"dependencies": {"webpack": "5"}})}
    assert has(decided(files, other, package("webpack")), "webpack") == [True]
    assert has(decided({}, other, package("webpack")), "webpack") == [False]
    aggressive = decided(files, other, package("webpack"), tier=Tier.AGGRESSIVE)
    assert has(aggressive, "webpack") == [False]


def test_what_is_declared_and_not_reached_is_dropped_and_told_of() -> None:
    found = decided({"package.json": '{"dependencies": {"webpack": "5"}}'}, package("webpack"))
    assert has(found, "webpack") == [False]
    [told] = [f.message for f in found.findings if f.code == "declared-dropped"]
    assert told.startswith("webpack (")
    assert "node/compilers" in told
    assert told.endswith("--keep '/node_modules/webpack/'")


def test_types_that_are_declared_are_nothing_to_tell_of() -> None:
    types = package("@types/node")
    types["node_modules/@types/node/index.d.ts"] = types.pop("node_modules/@types/node/index.js")
    found = decided({"package.json": '{"dependencies": {"@types/node": "1"}}'}, types)
    assert "node_modules/@types/node/index.d.ts" in dropped(found)
    assert [f for f in found.findings if f.code.startswith("declared")] == []


def test_a_package_that_comes_back_brings_what_it_cannot_do_without() -> None:
    peers = {"typescript": "5", "@swc/core": "1"}
    found = decided(
        {"bootstrap": "node -r ts-node/register x.ts"},
        package(
            "ts-node",
            peerDependencies=peers,
            peerDependenciesMeta={"@swc/core": {"optional": True}},
            dependencies={"rollup": "4"},
        ),
        package("rollup", dependencies={"terser": "5"}),
        package("typescript"),
        package("terser"),
        package("@swc/core"),
    )
    needed = ("ts-node", "typescript", "rollup", "terser", "@swc/core")
    assert has(found, *needed) == [True, True, True, True, False]


def test_a_package_that_was_never_dropped_brings_nothing_by_itself() -> None:
    found = decided({}, package("other", peerDependencies={"webpack": "5"}), package("webpack"))
    assert has(found, "webpack") == [False]


@pytest.mark.parametrize("condition", ["bun", "deno"])
def test_what_other_runtimes_load_of_a_package_stays(condition: str) -> None:
    lib = package("lib", exports={".": {condition: "./src/index.ts", "default": "./index.js"}})
    sources = ("node_modules/lib/src/index.ts", "node_modules/lib/src/more.ts")
    tree = lib | dict.fromkeys(sources, b"")
    assert set(sources) <= kept(decided({"app.ts": "import { x } from 'lib'"}, tree))
    assert set(sources) <= dropped(decided({"app.ts": ""}, tree))


def test_settings_in_a_package_that_a_tsconfig_extends_stay() -> None:
    base = {"node_modules/base/tsconfig.json": b"{}"}
    found = decided({"tsconfig.json": '{"extends": "base/tsconfig.json"}'}, package("base") | base)
    assert "node_modules/base/tsconfig.json" in kept(found)
    assert "node_modules/base/tsconfig.json" in dropped(decided({}, package("base") | base))
