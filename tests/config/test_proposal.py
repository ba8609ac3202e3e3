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
        "with": "Common",
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


def test_terraform_without_an_archive_names_a_folder_that_is_there_and_its_requirements() -> None:
    text = TERRAFORM.replace("filename = data.archive_file.code.output_path", "")
    files = {"main.tf": text[text.index("resource") :]}
    assert proposed(files, ("shop", "docs"))["shop"]["tree"] == "shop"
    own = proposed(files, ("lambda",), inner=("lambda/requirements.txt",))["shop"]
    assert (own["tree"], own["requirements"]) == ("lambda", "lambda/requirements.txt")


def test_a_function_of_sam_that_a_makefile_builds_has_its_sources_as_the_tree(
    tmp_path: Path,
) -> None:
    sam = "Resources: {Api: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: api/, "
    files = {
        "template.yaml": f"{sam}Handler: app.handler, Runtime: python3.13}}}}}}",
        "api/requirements.txt": "",
        "api/src/app.py": "def handler(event, context): pass\n",
    }
    write_tree(tmp_path, files)
    done = slim("init", "--dry-run", cwd=tmp_path)
    found = tomllib.loads(done.out)["artifact"]["Api"]
    assert (found["tree"], found["requirements"]) == ("api/src", "api/requirements.txt")


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


APP = {
    "src/app.py": b"from mangum import Mangum\napp = FastAPI()\nhandler: Mangum = Mangum(app)\n",
    "src/tool.py": b"def main(): pass\n",
}


def test_the_handler_is_the_one_that_a_source_defines() -> None:
    pyproject = PYPROJECT.replace("[project]", '[project]\nname = "orders"')
    files = {"pyproject.toml": pyproject.encode(), "uv.lock": b"", ".python-version": b"3.13.1\n"}
    events = ("events/get.json", "events/post.json")
    project = Project("fast", files, {*files, "src"}, events, (), APP)
    text, _ = proposal(project, frozenset(target_names()))
    assert tomllib.loads(text)["artifact"] == {
        "orders": {
            "tree": "src",
            "output": "dist/orders.zip",
            "kind": "function",
            "target": "python3.13",
            "requirements": "uv.lock",
            "verify": {"events": list(events), "handler": "app.handler"},
        }
    }


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        ("src/orders/__init__.py", "orders.handler"),
        ("src/orders/app.py", "orders.app.handler"),
        ("src/orders/web/app.py", None),
        ("orders/app.py", None),
    ],
)
def test_a_handler_is_found_in_the_package_that_uv_init_makes(
    tmp_path: Path, path: str, handler: str | None
) -> None:
    files = {"uv.lock": "", "event.json": "{}", "src/orders/__init__.py": "def main(): pass\n"}
    write_tree(tmp_path, {**files, path: "handler = Mangum(app)\n"})
    done = slim("init", "--dry-run", cwd=tmp_path)
    [found] = tomllib.loads(done.out)["artifact"].values()
    assert found.get("verify", {}).get("handler") == handler


@pytest.mark.parametrize(
    ("source", "handler"),
    [
        ("exports.handler = serverless(app);", "app.handler"),
        ("module.exports.handler = async () => 1", "app.handler"),
        ("export const handler = async () => 1", "app.handler"),
        ("export async function lambdaHandler() {}", "app.lambdaHandler"),
        ("const app = express(); app.listen(1)", None),
    ],
)
def test_the_handler_of_node_is_what_a_source_exports(source: str, handler: str | None) -> None:
    files = {
        "package.json": b'{"name": "@acme/shop"}',
        "package-lock.json": b"{}",
        ".nvmrc": b"v24",
    }
    sources = {"src/app.js": source.encode()}
    project = Project("x", files, {*files, "src"}, ("event.json",), (), sources)
    text, _ = proposal(project, frozenset(target_names()))
    [(name, found)] = tomllib.loads(text)["artifact"].items()
    assert (name, found["target"]) == ("shop", "nodejs24.x")
    assert found.get("verify", {}).get("handler") == handler


def test_functions_of_sam_get_their_layers_and_their_own_events() -> None:
    built = "Common: {Metadata: {BuildMethod: python3.13}, "
    files = {"template.yaml": SAM.replace("Common: {", built).encode()}
    events = ("events/api-get.json", "events/worker.json")
    text, _ = proposal(Project("shop", files, {}, events), frozenset(target_names()))
    found = tomllib.loads(text)["artifact"]
    assert found["Api"]["with"] == "Common"
    assert found["Api"]["verify"] == {"events": ["events/api-get.json"], "handler": "app.handler"}
    assert found["Worker"]["verify"]["events"] == ["events/worker.json"]
    assert (found["Common"]["target"], found["Common"]["prefix"]) == ("python3.13", "python")


def test_the_only_function_gets_all_events_whatever_they_are_called() -> None:
    files = {"pyproject.toml": b'[project]\nname = "orders-api"\n', "src/app.py": b""}
    events = ("events/get.json", "events/order.json")
    sources = {"src/app.py": b"def handler(event, context): ..."}
    project = Project("shop", files, {*files, "src"}, events, (), sources)
    text, _ = proposal(project, frozenset(target_names()))
    found = tomllib.loads(text)["artifact"]["orders-api"]
    assert found["verify"] == {"events": [*events], "handler": "app.handler"}


def test_a_template_that_cannot_be_read_is_named() -> None:
    project = Project("shop", {"template.yaml": b"a: ["}, ["template.yaml"])
    text, _ = proposal(project, frozenset(target_names()))
    assert "# template.yaml could not be read: " in text


def test_a_folder_with_a_bootstrap_is_a_runtime(tmp_path: Path) -> None:
    write_tree(tmp_path, {"runtime/bootstrap": "#!/bin/sh\n", "runtime/lib/a.txt": "x"})
    assert slim("init", cwd=tmp_path).code == 0
    found = tomllib.loads((tmp_path / "slim.toml").read_text())["artifact"]["runtime"]
    assert (found["tree"], found["kind"]) == ("runtime", "layer")
    assert found["target"] == "provided.al2023"
    built = slim("build", "-q", cwd=tmp_path)
    assert built.code == 0, built.text


def of_express(tmp_path: Path, manifest: str, **files: str) -> tuple[dict[str, object], str]:
    """Return what is proposed for an express function with its sources in src/, and the text."""
    source = {"src/app.js": "exports.handler = 1\n", "package-lock.json": "{}", "event.json": "{}"}
    write_tree(tmp_path, {**source, "package.json": manifest, **files})
    done = slim("init", "--dry-run", cwd=tmp_path)
    assert done.code == 0, done.text
    [found] = tomllib.loads(done.out)["artifact"].values()
    return found, done.out


def test_what_a_generator_wrote_into_node_modules_is_said_to_ship(tmp_path: Path) -> None:
    client = {"node_modules/.prisma/client/index.js": ""}
    found, text = of_express(tmp_path, '{"scripts": {"postinstall": "prisma generate"}}', **client)
    assert (found["tree"], found["npm"]) == ("src", "package-lock.json")
    assert "# also what was generated: node_modules/.prisma\n" in text
    assert "postinstall" not in text


def test_packages_that_a_project_patches_ship_as_they_lie_there(tmp_path: Path) -> None:
    found, text = of_express(tmp_path, '{"scripts": {"postinstall": "patch-package"}}')
    assert (found["tree"], found.get("npm")) == (".", None)
    assert found["output"] == f"../{tmp_path.name}.zip"
    assert found["verify"] == {"events": ["event.json"], "handler": "src/app.handler"}
    assert "# postinstall, patch-package: changes packages, so node_modules ships" in text


def test_a_script_that_may_change_packages_is_told_beside_the_lock_file(tmp_path: Path) -> None:
    script = '{"scripts": {"postinstall": "node fetch.js\\nnpm = \\"x\\""}}'
    found, text = of_express(tmp_path, script)
    assert (found["tree"], found["npm"]) == ("src", "package-lock.json")
    assert "# postinstall, node fetch.js" in text


def test_sources_of_a_project_of_modules_ship_with_the_package_json_that_says_so(
    tmp_path: Path,
) -> None:
    found, _ = of_express(tmp_path, '{"type": "module"}')
    assert (found["tree"], found["npm"]) == (".", "package-lock.json")
    assert found["verify"] == {"events": ["event.json"], "handler": "src/app.handler"}
    own, _ = of_express(tmp_path, '{"type": "module"}', **{"src/package.json": "{}"})
    assert own["tree"] == "src"


def test_a_patched_function_of_a_template_installs_nothing(tmp_path: Path) -> None:
    sam = "Resources: {Shop: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: shop/, "
    files = {
        "template.yaml": f"{sam}Handler: app.handler, Runtime: nodejs22.x}}}}}}",
        "shop/package.json": '{"scripts": {"postinstall": "npx patch-package"}}',
        "shop/package-lock.json": "{}",
    }
    write_tree(tmp_path, files)
    done = slim("init", "--dry-run", cwd=tmp_path)
    [found] = tomllib.loads(done.out)["artifact"].values()
    assert (found["tree"], found.get("npm")) == ("shop", None)
    assert "# postinstall, npx patch-package: changes packages" in done.out


def test_another_lock_file_of_node_is_told_with_what_makes_one_that_is_read() -> None:
    files = {"package.json": PACKAGE.encode()}
    project = Project("shop", files, {"package.json", "yarn.lock", "src"})
    text, _ = proposal(project, frozenset(target_names()))
    line = '# npm = "package-lock.json"  # npm install --package-lock-only makes it; slim reads no'
    assert f"{line} yarn.lock\n" in text
    assert "npm" not in tomllib.loads(text)["artifact"]["shop"]
