"""Runs ``slim check``, and what its tests give it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from tests.support.command import Outcome, slim

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "slimmer/report/check/check.schema.json").read_text("utf-8"))
GROWTH = ("layer.zip", "--baseline", "size.json", "--max-growth")
PYTHON = {
    "python/numpy/core.so": bytes(range(256)) * 40,
    "python/numpy/__init__.py": b"import numpy.core\n" * 20,
    "python/numpy-1.26.4.dist-info/METADATA": b"Name: numpy\n",
    "python/six.py": b"import sys\n" * 30,
    "python/app.py": b"import numpy, six\n",
}


def check(work: Path, *args: str) -> Outcome:
    return slim("check", *args, cwd=work)


def report(work: Path, *args: str) -> dict[str, Any]:
    """Return the JSON of a check, which is as the schema has it."""
    outcome = check(work, *args, "--json", "-")
    assert outcome.code in (0, 1), outcome.text
    document: dict[str, Any] = json.loads(outcome.out)
    jsonschema.validate(document, SCHEMA)
    assert document["ok"] is (outcome.code == 0)
    return document


def failing(document: dict[str, Any]) -> list[str]:
    return [f["code"] for f in document["findings"] if f["severity"] == "fail"]


def updated(work: Path, *args: str) -> str:
    """Write size.json and return its text."""
    outcome = check(work, "layer.zip", *args, "--baseline", "size.json", "--update-baseline")
    assert outcome.code == 0, outcome.text
    assert outcome.out.endswith("baseline written: size.json\n")
    return (work / "size.json").read_text("utf-8")
