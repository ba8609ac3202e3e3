"""Packages that are named in short, declared, or brought back come as they are needed."""

from __future__ import annotations

import json

import pytest

from slimmer.decide.decide import Decision
from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Tier
from slimmer.targets import load_targets
from tests.support.decide import decide, dropped, kept
from tests.support.installed import npm_lock
from tests.support.natives import Zip


def package(name: str, **keys: object) -> dict[str, bytes]:
    manifest = json.dumps({"name": name, "version": "1.0.0", **keys}).encode()
    home = f"node_modules/{name}"
    return {f"{home}/package.json": manifest, f"{home}/index.js": b""}


def decided(
    files: dict[str, str],
    *packages: dict[str, bytes],
    tier: Tier = Tier.DEFAULT,
    drop: str = "",
    target: str = "",
) -> Decision:
    tree = {path: data for each in packages for path, data in each.items()}
    tree |= npm_lock(tree)
    tree |= {path: text.encode() for path, text in files.items()}
    deployment = Deployment(load_targets()[target]) if target else None
    return decide(tree, guards=("node",), tier=tier, drop=drop, deployment=deployment)


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


SOURCES = ("node_modules/lib/src/index.ts", "node_modules/lib/src/more.ts")


def library(**keys: object) -> dict[str, bytes]:
    return package("lib", **keys) | dict.fromkeys(SOURCES, b"")


@pytest.mark.parametrize(
    "fields",
    [
        {"exports": {".": {"bun": "./src/index.ts", "default": "./index.js"}}},
        {"exports": {".": {"deno": "./src/index.ts", "default": "./index.js"}}},
        {"module": "./src/index.ts"},
        {"bin": {"lib": "./src/index.ts"}},
    ],
    ids=["bun", "deno", "module", "bin"],
)
def test_what_other_runtimes_load_of_a_package_stays_unless_only_node_runs(
    fields: dict[str, object],
) -> None:
    tree = library(**fields)
    assert set(SOURCES) <= kept(decided({"app.ts": ""}, tree))
    assert set(SOURCES) <= dropped(decided({"app.ts": ""}, tree, target="nodejs22.x"))


def test_an_import_takes_the_conditions_of_other_runtimes_on_node_too() -> None:
    tree = library(exports={".": {"bun": "./src/index.ts", "default": "./index.js"}})
    found = decided({"app.ts": "import { x } from 'lib'"}, tree, target="nodejs22.x")
    assert set(SOURCES) <= kept(found)


RUNS = {
    "a bootstrap": {"bootstrap": "#!/bin/sh\ncd src\nexec bun run app.ts\n"},
    "by its path": {"bootstrap": "#!/bin/sh\n\nexec /opt/bin/bun run app.ts\n"},
    "a first line": {"bootstrap": "#!/usr/bin/env bun\nimport './app.ts'\n"},
    "a start script": {"package.json": '{"scripts": {"start": "deno run -A app.ts"}}'},
    "an image": {"Dockerfile": 'FROM x\nRUN apt install y\nCMD ["/usr/bin/deno", "run"]\n'},
    "code": {"index.js": "require('child_process').spawn('/opt/bin/bun', ['x.ts'])"},
}


@pytest.mark.parametrize("files", RUNS.values(), ids=RUNS)
def test_typescript_stays_where_something_that_runs_it_is_started(files: dict[str, str]) -> None:
    found = decided(files, library())
    assert set(SOURCES) <= kept(found)
    [told] = [f.message for f in found.findings if f.code == "typescript-kept"]
    [path] = files
    assert told.startswith(f"2 files of TypeScript in packages (0 B) kept: {path}")
    assert "starts bun" in told or "starts deno" in told


def test_a_loader_counts_where_it_is_installed() -> None:
    files = {"bootstrap": "exec node --import tsx app.ts\n"}
    assert set(SOURCES) <= dropped(decided(files, library()))
    assert set(SOURCES) <= kept(decided(files, library(), package("tsx")))


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("bootstrap", "#!/bin/sh\nexec bun run app.ts\n", 2),
        ("app.ts", "#!/opt/bin/bun\nconst x: string = '';\n", 1),
    ],
)
def test_a_function_beside_a_layer_starts_it_too(path: str, text: str, line: int) -> None:
    place = Deployment(siblings=(Zip("fn.zip", {path: text.encode()}),))
    tree = library()
    found = decide(tree | npm_lock(tree), guards=("node",), deployment=place)
    assert set(SOURCES) <= kept(found)
    [told] = [f.message for f in found.findings if f.code == "typescript-kept"]
    assert told.endswith(f"kept: fn.zip: {path}:{line} starts bun, which runs it")


NOBODY = {
    "a comment": {"bootstrap": "#!/bin/sh\n# exec bun run app.ts\nexec node app.js\n"},
    "an installer": {"Dockerfile": 'RUN bun install\nCMD ["node", "app.js"]\n'},
    "a name": {"index.js": "const known = ['bun', 'deno', 'node']"},
    "a script that nobody starts": {"package.json": '{"scripts": {"dev": "bun run app.ts"}}'},
    "prose": {"README.md": "Start it with bun run app.ts"},
}


@pytest.mark.parametrize("files", NOBODY.values(), ids=NOBODY)
def test_typescript_goes_where_nothing_starts_what_runs_it(files: dict[str, str]) -> None:
    found = decided(files, library())
    assert set(SOURCES) <= dropped(found)
    assert [f for f in found.findings if f.code == "typescript-kept"] == []


def test_settings_in_a_package_that_a_tsconfig_extends_stay() -> None:
    base = {"node_modules/base/tsconfig.json": b"{}"}
    found = decided({"tsconfig.json": '{"extends": "base/tsconfig.json"}'}, package("base") | base)
    assert "node_modules/base/tsconfig.json" in kept(found)
    assert "node_modules/base/tsconfig.json" in dropped(decided({}, package("base") | base))
