"""What ``slim init`` proposes: what a project's files state, and no more."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from slimmer.config.proposal import Project, proposal
from slimmer.targets import target_names
from tests.support.command import slim
from tests.support.trees import write_tree

SAM = """
Globals: {Function: {Runtime: python3.13, Architectures: [arm64]}}
Resources:
  Api:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: api/, Handler: app.handler, Layers: [!Ref Common]}
  Worker:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: worker/, Handler: main.handler}
  Common: {Type: 'AWS::Serverless::LayerVersion', Properties: {ContentUri: layer/}}
  Image: {Type: 'AWS::Serverless::Function', Properties: {PackageType: Image}}
"""
SERVERLESS = """
service: shop
provider: {name: aws, runtime: nodejs22.x, architecture: arm64}
functions:
  get: {handler: src/get.handler}
  put: {handler: src/put.handler}
"""
TERRAFORM = """
data "archive_file" "code" { source_dir = "${path.module}/lambda" }
resource "aws_lambda_function" "shop" {
  filename = data.archive_file.code.output_path
  handler  = "app.handler"
  runtime  = "python3.12"
  architectures = ["arm64"]
  environment { variables = { A = "1" } }
}
"""
PYPROJECT = '[project]\nrequires-python = ">=3.12"\n'
PACKAGE = '{"engines": {"node": ">=22"}}'


def proposed(
    files: dict[str, str], names: tuple[str, ...] = (), inner: tuple[str, ...] = ()
) -> dict[str, dict[str, object]]:
    data = {name: text.encode() for name, text in files.items()}
    project = Project("shop", data, {*files, *names}, (), inner)
    text, _ = proposal(project, frozenset(target_names()))
    found: dict[str, dict[str, object]] = tomllib.loads(text)["artifact"]
    return found


def test_each_function_and_layer_of_a_sam_template_is_an_artifact() -> None:
    found = proposed({"template.yaml": SAM}, inner=("api/requirements.txt",))
    assert list(found) == ["Api", "Worker", "Common"]
    assert found["Api"] == {
        "tree": "api",
        "output": "dist/Api.zip",
        "kind": "function",
        "target": "python3.13",
        "arch": "arm64",
        "requirements": "api/requirements.txt",
    }
    assert "requirements" not in found["Worker"]
    assert found["Common"] == {"tree": "layer", "output": "dist/Common.zip", "kind": "layer"}


def test_serverless_packs_one_zip_for_all_functions() -> None:
    found = proposed({"serverless.yml": SERVERLESS, "package-lock.json": "{}"})
    assert found == {
        "shop": {
            "tree": ".",
            "output": "../shop.zip",
            "kind": "function",
            "target": "nodejs22.x",
            "arch": "arm64",
            "npm": "package-lock.json",
        }
    }


def test_terraforms_archive_is_the_tree() -> None:
    found = proposed({"main.tf": TERRAFORM})
    assert found["shop"]["tree"] == "lambda"
    assert (found["shop"]["target"], found["shop"]["arch"]) == ("python3.12", "arm64")


@pytest.mark.parametrize(
    ("files", "names", "tree", "target", "line"),
    [
        ({"pyproject.toml": PYPROJECT, "uv.lock": ""}, ("src",), "src", "python3.12", "uv.lock"),
        ({"requirements.txt": ""}, ("app.py",), ".", None, "requirements.txt"),
        (
            {"package.json": PACKAGE, "package-lock.json": ""},
            ("src", "dist"),
            *("dist", "nodejs22.x", "package-lock.json"),
        ),
        ({"mix.exs": "app: :shop,"}, (), "_build/prod/rel/shop", "provided.al2023", None),
        ({"project.clj": "(defproject acme/shop"}, (), "target/function", None, None),
        ({"cdk.json": "{}"}, (), "lambda", None, None),
        ({}, (), ".", None, None),
    ],
)
def test_a_project_of_one_language(
    files: dict[str, str],
    names: tuple[str, ...],
    tree: str,
    target: str | None,
    line: str | None,
) -> None:
    (found,) = proposed(files, names).values()
    assert found["tree"] == tree
    assert found.get("target") == target
    assert found.get("requirements", found.get("npm")) == line


def test_what_cannot_be_read_is_passed_over() -> None:
    files = {"template.yaml": "[", "serverless.yml": "x: [", "package.json": "[", "main.tf": "{"}
    assert list(proposed(files)) == ["shop"]


def test_it_writes_a_file_that_builds_and_never_over_another(tmp_path: Path) -> None:
    files = {"template.yaml": SAM, "api/app.py": "", "worker/main.py": "", "layer/a.txt": "x"}
    write_tree(tmp_path, files)
    done = slim("init", cwd=tmp_path)
    assert done.out == "wrote slim.toml, from template.yaml; look at it, then slim build\n"
    built = slim("build", "-q", cwd=tmp_path)
    assert built.code == 0, built.text
    assert sorted(p.name for p in (tmp_path / "dist").iterdir()) == [
        *("Api.zip", "Common.zip", "Worker.zip")
    ]
    again = slim("init", cwd=tmp_path)
    assert (again.code, "already there" in again.err) == (2, True)
