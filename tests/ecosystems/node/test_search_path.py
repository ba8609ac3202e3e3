"""Where packages lie: what Lambda's Node does not find is named."""

from __future__ import annotations

import pytest

from slimmer.model.forms import DeployedAs
from tests.support.natives import decided, said


@pytest.mark.parametrize(
    "files",
    [
        ["nodejs/node_modules/x/package.json"],
        ["node_modules/x/package.json", "index.mjs"],
        ["node_modules/x/node_modules/y/package.json", "index.mjs"],
        ["node_modules/bootstrap"],
    ],
)
def test_what_lies_where_node_looks_is_right(files: list[str]) -> None:
    assert said(decided(dict.fromkeys(files, b"{}"), target="nodejs22.x")) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("node_modules/x/package.json", "(--prefix nodejs)"),
        ("nodejs/node20/node_modules/x/package.json", "searched by Node 20 only"),
    ],
)
def test_what_lies_elsewhere_is_named(path: str, words: str) -> None:
    (warning,) = said(decided({path: b"{}"}, target="nodejs22.x"))
    assert warning.startswith("warn ")
    assert words in warning


@pytest.mark.parametrize(
    "files",
    [
        ["node_modules/x/package.json"],
        ["node_modules/x/package.json", "src/app.mjs"],
        ["nodejs/node_modules/x/package.json", "nodejs/index.mjs"],
    ],
)
def test_a_functions_packages_lie_beside_its_code_or_above(files: list[str]) -> None:
    trees = dict.fromkeys(files, b"{}")
    assert said(decided(trees, target="nodejs22.x", deployed_as=DeployedAs.FUNCTION)) == []


@pytest.mark.parametrize(
    ("path", "deployed_as", "words"),
    [
        (
            "node_modules/x/package.json",
            DeployedAs.LAYER,
            "root of the zip; nodejs22.x does not look there; put a layer's packages under nodejs/",
        ),
        (
            "nodejs/node_modules/x/package.json",
            DeployedAs.FUNCTION,
            "lies in nodejs/node_modules; nodejs22.x looks there only in a layer",
        ),
        (
            "nodejs/node20/node_modules/x/package.json",
            DeployedAs.FUNCTION,
            "nodejs22.x looks there only in a layer; put a function's packages into node_modules/",
        ),
    ],
)
def test_what_a_function_or_a_layer_does_not_find_is_named(
    path: str, deployed_as: DeployedAs, words: str
) -> None:
    files = dict.fromkeys([path, "index.mjs"], b"{}")
    (warning,) = said(decided(files, target="nodejs22.x", deployed_as=deployed_as))
    assert warning.startswith("warn node-path")
    assert words in warning
