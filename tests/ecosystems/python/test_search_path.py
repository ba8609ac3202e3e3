"""Where distributions lie: what Lambda's Python does not find is named."""

from __future__ import annotations

import pytest

from slimmer.model.forms import DeployedAs
from tests.support.natives import decided, said

META = "requests-2.34.dist-info/METADATA"


@pytest.mark.parametrize(
    ("files", "prefix"),
    [
        ([f"python/{META}"], ""),
        ([META], "python"),
        ([META, "app.py"], ""),
        ([f"python/lib/python3.12/site-packages/{META}"], ""),
    ],
)
def test_what_lies_where_python_looks_is_right(files: list[str], prefix: str) -> None:
    found = decided(dict.fromkeys(files, b"{}"), target="python3.12", prefix=prefix)
    assert said(found) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (META, "requests lies at the root of the zip; python3.12 looks there only"),
        (f"lib/{META}", "requests lies in lib/; python3.12 does not look there"),
        (
            f"python/lib/python3.11/site-packages/{META}",
            "in python/lib/python3.11/site-packages/; python3.12 does not look there",
        ),
    ],
)
def test_what_lies_elsewhere_is_named(path: str, words: str) -> None:
    (warning,) = said(decided({path: b"{}"}, target="python3.12"))
    assert warning.startswith("warn ")
    assert words in warning


@pytest.mark.parametrize("code", [[], ["app.py"], ["src/app.py"]])
def test_a_functions_packages_lie_at_its_root(code: list[str]) -> None:
    files = dict.fromkeys([META, *code], b"{}")
    assert said(decided(files, target="python3.12", deployed_as=DeployedAs.FUNCTION)) == []


@pytest.mark.parametrize(
    ("path", "deployed_as", "words"),
    [
        (META, DeployedAs.LAYER, "root of the zip; python3.12 does not look there; put a layer's"),
        (
            f"python/{META}",
            DeployedAs.FUNCTION,
            "in python/; python3.12 looks there only in a layer; put a function's packages beside",
        ),
        (f"lib/{META}", DeployedAs.FUNCTION, "does not look there; put a function's packages"),
    ],
)
def test_what_a_function_or_a_layer_does_not_find_is_named(
    path: str, deployed_as: DeployedAs, words: str
) -> None:
    files = dict.fromkeys([path, "app.py"], b"{}")
    (warning,) = said(decided(files, target="python3.12", deployed_as=deployed_as))
    assert warning.startswith("warn python-path")
    assert words in warning
