"""The artifacts of slim.toml: what a table may say, and the schema that editors check it by."""

from __future__ import annotations

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from scripts.settings_schema import FILE, schema_text, settings_schema
from slimmer.config.artifacts import KEYS, in_order, parse_artifacts, run_options
from slimmer.config.options import SETTINGS
from slimmer.config.settings import parse_settings
from slimmer.errors import UsageError
from slimmer.toml import Table

WHOLE = """
tier = "safe"
target = "python3.13"
keep = ["*.md"]
tree-shake = true
dedupe = "media"
level = 9
entry = "app.handler"

[budgets]
"python/boto3" = "1MB"

[component.fixtures]
title = "Recorded answers"
why = "Only the tests read them."
drop = ["priv/fixtures/"]

[artifact.api]
tree = ["src", "deps"]
output = "dist/api.zip"
kind = "function"
arch = "arm64"
max = "50MB"
max-unzipped = "200 MB"
with = "common"
baseline = "sizes.json"
max-growth = "2%"
reports = { json = "api.json", html = "api.html", markdown = "api.md" }
budgets = { "python/pandas" = { max = "10MB", message = "ask first" } }

[artifact.api.verify]
events = ["a.json", "b.json"]
expect = ["a.json", "b.json"]
handler = "app.handler"
timeout = 20
env = ["A=1"]

[artifact.common]
tree = "common"
"""


def parsed(text: str) -> dict[str, object]:
    return dict(parse_artifacts(Table.parse(text, "slim.toml")))


def problems(text: str) -> list[str]:
    errors = Draft202012Validator(settings_schema()).iter_errors(tomllib.loads(text))
    return [error.message for error in errors]


def test_a_whole_file_is_read_and_valid() -> None:
    assert list(parsed(WHOLE)) == ["api", "common"]
    assert problems(WHOLE) == []
    assert parse_settings(WHOLE, "slim.toml").level == 9


def test_the_published_schema_is_that_of_the_tables() -> None:
    assert FILE.read_text("utf-8") == schema_text(), "run make docs"
    Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_schema_has_each_key_that_the_reader_takes_and_no_other() -> None:
    schema = settings_schema()
    settings = {option.key for option in SETTINGS.values()}
    top = schema["properties"]
    assert set(top) == settings | {"accept", "budgets", "component", "artifact"}
    artifact = top["artifact"]["additionalProperties"]["properties"]
    assert set(artifact) == settings | set(KEYS)
    assert set(artifact["verify"]["properties"]) == {"events", *run_options()}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("tres = 1", "unknown key 'tres' in [artifact.a]; did you mean 'tree'?"),
        ('kind = "lambda"', "kind cannot be 'lambda'"),
        ("tier = 3", "tier must be a non-empty string"),
        ('max-unzipped = "big"', "'big' is not a size"),
        ('reports = { pdf = "x" }', "unknown key 'pdf' in [artifact.a.reports]"),
        ('verify = { handler = "a.b" }', "verify has no events"),
        ('verify = { events = "e", sandbox = "none" }', "unknown key 'sandbox'"),
        ('verify = { events = "e", interpreter = "./x" }', "unknown key 'interpreter'"),
        ("with = []", "with names nothing"),
        ("level = 99", "level must be 1 to 12, not 99"),
    ],
)
def test_what_a_table_may_not_say_is_told_with_its_line_and_not_valid(
    line: str, complaint: str
) -> None:
    text = f'[artifact.a]\ntree = "t"\n{line}\n'
    with pytest.raises(UsageError) as error:
        parsed(text)
    assert complaint in str(error.value)
    assert str(error.value).startswith("slim.toml:")
    if "with = []" not in line and "big" not in line:
        assert problems(text)


def test_an_artifact_has_a_tree_and_an_output_of_its_own() -> None:
    with pytest.raises(UsageError, match=r"slim\.toml:1: artifact 'a' has no tree"):
        parsed('[artifact.a]\nkind = "layer"\n')
    one = '[artifact.a]\ntree = "t"\noutput = "x.zip"\n'
    with pytest.raises(UsageError, match=r"b and a both write x\.zip"):
        parsed(one + one.replace("artifact.a", "artifact.b"))


def test_what_others_are_built_with_comes_first_and_a_circle_is_refused() -> None:
    text = '[artifact.a]\ntree = "a"\nwith = "b"\n[artifact.b]\ntree = "b"\n'
    specs = parse_artifacts(Table.parse(text, "slim.toml"))
    assert [spec.name for spec in in_order(specs, ("a", "b"))] == ["b", "a"]
    assert [spec.name for spec in in_order(specs, ("a",))] == ["a"]
    circle = parse_artifacts(Table.parse(f'{text}with = "a"\n', "slim.toml"))
    with pytest.raises(UsageError, match="a needs b needs a; remove one of these names"):
        in_order(circle, ("a", "b"))
