"""Writes the JSON Schema of slim.toml, for editors, from the tables that the reader reads by.

``make docs`` runs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slimmer.config.artifacts import EVENTS, KEYS, KINDS, REPORTS, run_options
from slimmer.config.options import SETTINGS
from slimmer.config.values import (
    Choice,
    Seconds,
    Selectors,
    Size,
    Switch,
    SwitchedChoice,
    Texts,
    TierChoice,
    Value,
    Whole,
    Without,
)
from slimmer.model.codes import CODES

FILE = Path(__file__).parents[1] / "slimmer" / "config" / "slim.schema.json"
JsonObject = Mapping[str, Any]
_TEXT: JsonObject = {"type": "string", "minLength": 1}
_TEXTS: JsonObject = {"type": "array", "items": _TEXT}
_ONE_OR_MANY: JsonObject = {"anyOf": [_TEXT, _TEXTS]}
_SIZE: JsonObject = {
    "type": "string",
    "pattern": r"^\s*\d{1,15}(\.\d{1,9})?\s*([kKmMgG]?[iI]?[bB])?\s*$",
}
_TOP = "Settings of slim, for all commands. An artifact's own settings override those at the top."


def settings_schema() -> dict[str, Any]:
    """Return the schema of slim.toml, and of ``[tool.slim]`` in pyproject.toml."""
    settings = {o.key: _described(_of_value(o.value), o.help) for o in SETTINGS.values()}
    artifact = {key: _described(_of_form(row.form), row.help) for key, row in KEYS.items()}
    top = {
        **settings,
        "accept": _accept(),
        "budgets": _budgets(),
        "component": _tables(_component()),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "slim.toml",
        "description": _TOP,
        **_object({**top, "artifact": _tables(_object({**settings, **artifact}, ["tree"]))}),
    }


def _described(schema: JsonObject, text: str) -> JsonObject:
    return {"description": text, **schema}


def _object(properties: JsonObject, required: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "additionalProperties": False}
    return {**found, "properties": properties, **({"required": required} if required else {})}


def _tables(each: JsonObject) -> JsonObject:
    return {"type": "object", "additionalProperties": each}


def _of_value(value: Value[Any]) -> JsonObject:
    """Return how the value of a setting is written in a file."""
    if isinstance(value, SwitchedChoice):
        return {"anyOf": [{"type": "boolean"}, {"enum": list(value.names())}]}
    if isinstance(value, Choice):
        return {"enum": [*value.names(), *value.synonyms]}
    if isinstance(value, TierChoice):
        return {"enum": list(value.names())}
    if isinstance(value, Without):
        return {"type": "array", "items": {"enum": list(value.names())}}
    if isinstance(value, Texts):
        return _ONE_OR_MANY
    if isinstance(value, Selectors):
        return _TEXTS
    if isinstance(value, Size):
        return _SIZE
    if isinstance(value, Switch):
        return {"type": "boolean"}
    if isinstance(value, Whole):
        return {"type": "integer", "minimum": value.least, "maximum": value.most}
    return _TEXT


def _of_form(form: str) -> JsonObject:
    """Return how a key of an artifact's table is written."""
    forms: Mapping[str, JsonObject] = {
        "text": _TEXT,
        "texts": _ONE_OR_MANY,
        "size": _SIZE,
        "kind": {"enum": list(KINDS)},
        "reports": _object(dict.fromkeys(REPORTS, _TEXT)),
        "budgets": _budgets(),
        "verify": _verify(),
    }
    return forms[form]


def _verify() -> JsonObject:
    rows = {key: _described(_of_option(row.value), row.help) for key, row in run_options().items()}
    return _object({EVENTS: _ONE_OR_MANY, **rows}, [EVENTS])


def _of_option(value: Value[Any]) -> JsonObject:
    if isinstance(value, Switch):
        return {"type": "boolean"}
    if isinstance(value, (Whole, Seconds)):
        return {"type": "integer", "minimum": 1}
    return _ONE_OR_MANY if value.multiple else _TEXT


def _accept() -> JsonObject:
    return {
        "type": "object",
        "description": "The warnings that are accepted: a reason for each code.",
        "propertyNames": {"enum": sorted(CODES)},
        "additionalProperties": {"type": "string", "minLength": 1},
    }


def _budgets() -> JsonObject:
    budget = _object({"max": _SIZE, "max-unzipped": _SIZE, "message": _TEXT})
    return _tables({"anyOf": [_SIZE, budget]})


def _component() -> JsonObject:
    texts = ("drop", "keep", "evidence")
    properties = {**dict.fromkeys(("title", "why"), _TEXT), **dict.fromkeys(texts, _TEXTS)}
    return {"type": "object", "properties": properties, "required": ["title", "why", "drop"]}


def schema_text() -> str:
    """Return what the file holds."""
    return json.dumps(settings_schema(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text())
