"""Where packages lie: what Lambda's Node does not find is named."""

from __future__ import annotations

import pytest

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
