"""Validates reports against the schema that slim publishes."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import slimmer

REPORTS = Path(slimmer.__file__).parent / "report"
FILE = REPORTS / "build" / "report.schema.json"
VERIFY = REPORTS / "verify" / "verify.schema.json"


@cache
def validator(file: Path = FILE) -> Draft202012Validator:
    schema = json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(report: object, file: Path = FILE) -> list[str]:
    """Return what a schema has against a report, a line each."""
    return [f"{error.json_path}: {error.message}" for error in validator(file).iter_errors(report)]


def is_valid(report: object) -> bool:
    """Return whether the schema has nothing against a report: sooner than `problems` says what."""
    return validator().is_valid(report)  # type: ignore[no-any-return,unused-ignore]


def objects(report: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object in a report with its place; an entry's says which step it is."""
    if isinstance(report, dict):
        yield path, report
        for key, value in report.items():
            yield from objects(value, f"{path}.{key}")
    elif isinstance(report, list):
        for item in report:
            step = f"({item['step']})" if isinstance(item, dict) and "step" in item else ""
            yield from objects(item, f"{path}[]{step}")
