"""Budgets for components and paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.check.gate import PYTHON, ROOT, check, failing, report
from tests.support.zips import pack


def budgets(work: Path, text: str) -> dict[str, Any]:
    (work / "slim.toml").write_text(f"[budgets]\n{text}\n")
    return report(work, "layer.zip")


def test_a_budget_for_components_is_held(work: Path) -> None:
    parts = {r["name"]: r["compressed_bytes"] for r in report(work, "layer.zip")["components"]}
    size = parts["python/numpy"]
    assert budgets(work, f'"python/numpy" = "{size}B"')["ok"]
    document = budgets(work, f'"python/num*" = {{ max = "{size - 1}B", message = "Ask #data." }}')
    (found,) = document["findings"]
    assert (found["code"], found["severity"]) == ("over-budget", "fail")
    assert found["message"].startswith("over the budget: python/num* zipped (slim.toml:2) ")
    assert found["message"].endswith("; 1 B too much; Ask #data.")
    assert document["budgets"][0]["actual"] == size


def test_a_budget_for_paths_is_held(work: Path) -> None:
    files = [data for name, data in PYTHON.items() if name.endswith(".py")]
    size = sum(map(len, files))
    assert budgets(work, f'"*.py" = {{ max-unzipped = "{size}B" }}')["ok"]
    document = budgets(work, f'"*.py" = {{ max-unzipped = "{size - 1}B" }}')
    assert failing(document) == ["over-budget"]
    below = sum(len(data) for name, data in PYTHON.items() if name.startswith("python/numpy/"))
    (row,) = budgets(work, '"/python/numpy" = { max-unzipped = "1MB" }')["budgets"]
    assert row["actual"] == below


def test_near_a_budget_there_is_a_warning(work: Path) -> None:
    size = budgets(work, '"*/six" = "1MB"')["budgets"][0]["actual"]
    found = budgets(work, f'"*/six" = "{size}B"')["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("near-budget", "warn")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"python/nunpy" = "1MB"', "slim.toml:2: the budget 'python/nunpy' names no component of"),
        ('"python/nunpy" = "1MB"', "; did you mean 'python/numpy'?"),
        ('"*.jar" = "1MB"', "slim.toml:2: the budget '*.jar' names no component or path of"),
        ('"*.py" = "1 stone"', "slim.toml:2: '1 stone' is not a size"),
        ('"*.py" = 7', "slim.toml:2: *.py must be a table"),
        ('"*.py" = { most = "1MB" }', "slim.toml:2: unknown key 'most' in [budgets.*.py]"),
        ('"*.py" = { message = "x" }', "slim.toml:2: the budget '*.py' has no size"),
        ('"!*.py" = "1MB"', "slim.toml:2: pattern '!*.py' starts with '!'"),
    ],
)
def test_a_budget_that_cannot_be_followed_is_one_line_and_2(
    work: Path, text: str, words: str
) -> None:
    (work / "slim.toml").write_text(f"[budgets]\n{text}\n")
    outcome = check(work, "layer.zip")
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_the_budgets_of_the_readme_are_budgets(work: Path) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Gate\n")[2]
    example = section.partition("```toml\n")[2].partition("```")[0]
    (work / "slim.toml").write_text(example)
    pack(work / "layer.zip", {**PYTHON, "lib/erlang/lib/kernel-9.0/ebin/kernel.app": b"{}."})
    assert [row["budget"] for row in report(work, "layer.zip")["budgets"]] == ["erlang/*", "*.so"]
