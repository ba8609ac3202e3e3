"""What Lambda starts is taken from SAM's and Serverless's templates, where they know it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import ask
from slimmer.inputs.folder import scan
from tests.decide.test_shake import REST
from tests.support.decide import dropped

SAM = """
Globals:
  Function: {Runtime: python3.13, Handler: app.handler}
Resources:
  Table: {Type: "AWS::DynamoDB::Table"}
  One:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: CODE
      Environment: {Variables: {TABLE: !Ref Table, NAME: !Sub "${X}-y"}}
  Other:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: other/, Handler: tool.handler}
  Picture:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
"""
SERVERLESS = """
service: x
provider: {name: aws, environment: {MODE: "${opt:stage}"}}
functions:
  one: {handler: app.handler, events: [{http: GET /}]}
"""
CODE = {**REST, "app.py": b"import web", "tool.py": b"import alone"}


def decision(tmp_path: Path, files: dict[str, str], *, shake: bool = True) -> Decision:
    """Return what is decided on ``fn`` in a folder with these further files."""
    every = {f"fn/{path}": data for path, data in CODE.items()}
    for path, data in (every | {path: text.encode() for path, text in files.items()}).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return decide_tree(ask(scan(tmp_path / "fn"), Settings(tree_shake=shake)))


def said(made: Decision) -> list[str]:
    return [found.message for found in made.findings if found.code == "entry-template"]


@pytest.mark.parametrize(
    "files",
    [
        {"template.yaml": SAM.replace("CODE", "fn/")},
        {"template.yml": SAM.replace("CODE", "./fn")},
        {"fn/template.yaml": SAM.replace("CODE", ".")},
        {"fn/serverless.yml": SERVERLESS},
        {
            "template.json": '{"Resources": {"F": {"Type": "AWS::Lambda::Function", '
            '"Properties": {"Code": "fn", "Handler": "app.handler"}}}}'
        },
    ],
)
def test_only_what_the_handler_of_a_template_reaches_stays(
    tmp_path: Path, files: dict[str, str]
) -> None:
    made = decision(tmp_path, files)
    assert "alone/__init__.py" in dropped(made)
    assert "web/__init__.py" not in dropped(made)
    (told,) = said(made)
    assert told == (
        f"{os.path.basename(*files)} says that Lambda starts app.handler; what these reach counts "
        "as used, unless --entry says what is started"
    )


@pytest.mark.parametrize(
    "text",
    [
        SAM.replace("CODE", "fn/").replace("Handler: app.handler", "Handler: !Ref Handler"),
        SAM.replace("CODE", "fn/").replace("app.handler", "wrapper.of.others.handler"),
        SAM.replace("CODE", "!Sub ${Folder}"),
        SAM.replace("CODE", "fn/").replace("{TABLE", "{AWS_LAMBDA_EXEC_WRAPPER: /opt/x, TABLE"),
        SAM.replace("CODE", "fn/").replace("{TABLE", "{DD_LAMBDA_HANDLER: tool.handler, TABLE"),
        SAM.replace("CODE", "elsewhere/"),
        "",
        "[]",
        "Resources: [1, {a: b}]\nGlobals: x",
        "a: &a [*a]",
    ],
)
def test_all_own_files_count_where_it_is_not_known(tmp_path: Path, text: str) -> None:
    made = decision(tmp_path, {"template.yaml": text})
    assert "alone/__init__.py" not in dropped(made)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Resources:\n  a: [", "in line 3"),
        ("\t- a", "line 1"),
        ("[" * 5_000, "nest"),
        ("- " * 5_000, "nest"),
        ("a: \x00", "not allowed"),
        ("? [a]\n: b", "unhashable"),
    ],
)
def test_a_template_that_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, text: str, why: str
) -> None:
    made = decision(tmp_path, {"template.yaml": text})
    assert "alone/__init__.py" not in dropped(made)
    (told,) = said(made)
    assert told.startswith("template.yaml: ")
    assert why in told
    assert "\n" not in told
