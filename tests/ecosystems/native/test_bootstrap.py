"""Where a bootstrap lies: a custom runtime starts only one at the root of the zip."""

from __future__ import annotations

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.model.tree import Entry, Kind
from tests.support.natives import TARGETS, Zip, decided, said
from tests.support.trees import MemorySource, tree_of


def found(paths: list[str], target: str = "provided.al2023", *beside: str) -> list[str]:
    """Return what is said of executable files of these paths, beside a zip with others."""
    source = MemorySource(dict.fromkeys(paths, b"#!/bin/sh\n"))
    source.tree = tree_of([Entry(path, Kind.FILE, 10, executable=True) for path in paths])
    siblings = (Zip("layer.zip", dict.fromkeys(beside, b"")),) if beside else ()
    place = Deployment(TARGETS[target], tuple(TARGETS.values()), siblings)
    return said(decide_tree(Question(source, (), Settings(target=target), place)))


def test_one_at_the_root_is_right_wherever_another_lies() -> None:
    files = dict.fromkeys(["bootstrap", "lib/bootstrap"], b"{}")
    assert said(decided(files, target="provided.al2023")) == []
    assert found(["bootstrap", "lib/bootstrap"]) == []
    assert found(["lib/bootstrap"], "provided.al2023", "bootstrap") == []


def test_one_elsewhere_is_named() -> None:
    (warning,) = found(["lib/bootstrap"])
    assert warning == (
        "warn bootstrap-path: lib/bootstrap: provided.al2023 starts only a bootstrap at the root "
        "of the zip; move it there"
    )


@pytest.mark.parametrize("target", ["python3.12", "nodejs22.x", "lambda"])
def test_where_no_custom_runtime_is_meant_nothing_is_said(target: str) -> None:
    assert found(["lib/bootstrap"], target) == []
