"""Each example does what it says: run where its tool is at hand, else read as the tool reads it."""

import ast
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import hcl2
import pytest

from tests.support.examples import EXAMPLES, load_yaml, project, run, run_commands_of
from tests.support.trees import write_tree
from trees import tools


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make as a user would, whatever flags the make around the tests was given."""
    return run("env", "-u", "MAKEFLAGS", "make", *words, cwd=folder)


def touch(path: Path) -> None:
    """Give a file a time that is later than that of all others."""
    later = time.time_ns() + 2_000_000_000
    os.utime(path, ns=(later, later))


def test_make_builds_the_layer_only_when_something_is_newer(tmp_path: Path) -> None:
    work = project(tmp_path, "make")
    first = make(work)
    assert first.returncode == 0, first.stdout
    assert json.loads((work / "layer.json").read_bytes())["written"]
    assert "up to date" in make(work).stdout
    touch(work / "runtime" / "a name with spaces.txt")
    assert "slim build" in make(work).stdout
    with zipfile.ZipFile(work / "layer.zip") as layer:
        assert "a name with spaces.txt" in layer.namelist()


def test_make_leaves_no_layer_that_is_too_large(tmp_path: Path) -> None:
    work = project(tmp_path, "make")
    assert make(work, "MAX=100B").returncode != 0
    assert not (work / "layer.zip").exists()


def test_make_checks_the_layer(tmp_path: Path) -> None:
    work = project(tmp_path, "make")
    done = make(work, "check")
    assert done.returncode == 0, done.stdout
    (work / "layer.zip").write_bytes(b"no zip")
    touch(work / "layer.zip")
    failed = make(work, "check")
    assert failed.returncode != 0
    assert "layer.zip" in failed.stdout.splitlines()[1]


@pytest.mark.real
def test_sams_makefile_builder_gets_what_the_zip_holds(tmp_path: Path) -> None:
    work = project(tmp_path / "work", "sam")
    for name in ("Runtime", "App"):
        (tmp_path / name).mkdir()
        words = (f"build-{name}", f"ARTIFACTS_DIR={tmp_path / name}")
        done = run("make", *words, cwd=work, env=tools.environment())
        assert done.returncode == 0, done.stdout
    runtime = tmp_path / "Runtime"
    assert sorted(str(p.relative_to(runtime)) for p in runtime.rglob("*") if not p.is_dir()) == [
        "a name with spaces.txt",
        "bootstrap",
        "lib/libshop.so",
        "lib/libshop.so.1",
    ]
    assert (runtime / "lib" / "libshop.so").readlink() == Path("libshop.so.1")
    assert os.access(runtime / "bootstrap", os.X_OK)
    assert [p.name for p in (tmp_path / "App").iterdir()] == ["app.txt"]


def test_sams_template_names_targets_of_its_makefile(tmp_path: Path) -> None:
    work = project(tmp_path, "sam")
    resources = load_yaml(work / "template.yaml")["Resources"]
    for name, resource in resources.items():
        assert resource["Metadata"]["BuildMethod"] == "makefile"
        place = resource["Properties"].get("ContentUri") or resource["Properties"]["CodeUri"]
        assert make(work / place, "--dry-run", f"build-{name}").returncode == 0
    assert {"Ref": "Runtime"} in resources["App"]["Properties"]["Layers"]


def test_sam_can_take_the_zips_themselves(tmp_path: Path) -> None:
    work = project(tmp_path, "sam")
    run_commands_of(work / "zips.yaml")
    properties = [r["Properties"] for r in load_yaml(work / "zips.yaml")["Resources"].values()]
    for place in (p.get("ContentUri") or p["CodeUri"] for p in properties):
        assert zipfile.is_zipfile(work / place)


def references(text: str) -> list[list[str]]:
    """Return what the Terraform example reads from the report, each as its keys."""
    return [found.split(".") for found in re.findall(r"\blocal\.slim\.([\w.]+\w)", text)]


def test_terraform_reads_the_digest_from_the_report(tmp_path: Path) -> None:
    work = project(tmp_path, "terraform")
    run_commands_of(work / "layer.tf")
    text = (work / "layer.tf").read_text()
    [resource] = (
        body
        for block in hcl2.loads(text)["resource"]
        for name, body in block.items()
        if name.strip('"') == "aws_lambda_layer_version"
    )
    [layer] = (body for name, body in resource.items() if not name.startswith("__"))
    assert layer["source_code_hash"] == "${local.slim.artifacts[0].code_sha256}"
    report = json.loads((work / "layer.json").read_bytes())
    assert references(text)
    for keys in references(text):
        value: Any = report
        for key in keys:
            value = value[key]
        assert value, keys
    assert (work / report["artifacts"][0]["name"]).is_file()


def test_serverless_ships_the_zips(tmp_path: Path) -> None:
    work = project(tmp_path, "serverless")
    run_commands_of(work / "serverless.yml")
    service = load_yaml(work / "serverless.yml")
    for part in (*service["layers"].values(), *service["functions"].values()):
        assert zipfile.is_zipfile(work / part["package"]["artifact"])
    # The framework names a layer so: its own name, the first letter large, and LambdaLayer.
    logical = [f"{name[0].upper()}{name[1:]}LambdaLayer" for name in service["layers"]]
    assert service["functions"]["app"]["layers"] == [{"Ref": name} for name in logical]


def test_cdk_ships_the_zips(tmp_path: Path) -> None:
    work = project(tmp_path, "cdk")
    run_commands_of(work / "app.py")
    calls = [
        node
        for node in ast.walk(ast.parse((work / "app.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("from_asset")
    ]
    assets = [ast.literal_eval(call.args[0]) for call in calls]
    assert sorted(assets) == ["function.zip", "layer.zip"]
    assert all(zipfile.is_zipfile(work / asset) for asset in assets)
    assert json.loads((work / "cdk.json").read_bytes())["app"] == "python3 app.py"


#: Stand-ins for pip and npm, which install one module, for the tools that the examples need.
PIP = """#!/bin/sh
while [ "$1" != --target ]; do shift; done
for name in fastapi mangum; do
  mkdir -p "$2/$name" "$2/$name-1.dist-info"
  echo 'x = 1' > "$2/$name/__init__.py"
  echo "Name: $name" > "$2/$name-1.dist-info/METADATA"
done
"""
NPM = """#!/bin/sh
mkdir -p node_modules/zod && echo 'exports.z = {}' > node_modules/zod/index.js
"""


@pytest.fixture
def installers(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose pip and npm are stand-ins, and whose cache is empty."""
    write_tree(tmp_path / "bin", {"pip": PIP, "npm": NPM})
    for name in ("pip", "npm"):
        (tmp_path / "bin" / name).chmod(0o755)
    env = tools.environment()
    return {**env, "PATH": f"{tmp_path}/bin:{env['PATH']}", "XDG_CACHE_HOME": f"{tmp_path}/cache"}


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "folder", "files"),
    [
        ("Orders", "orders", {"app.py", "fastapi/__init__.py", "mangum/__init__.py"}),
        ("Shop", "shop", {"app.js", "node_modules/zod/index.js"}),
    ],
)
def test_sams_functions_get_what_their_lock_files_list(
    name: str, folder: str, files: set[str], tmp_path: Path, installers: dict[str, str]
) -> None:
    work, dest = project(tmp_path / "work", "sam") / "functions", tmp_path / "built"
    template = load_yaml(work / "template.yaml")["Resources"][name]
    assert template["Metadata"] == {"BuildMethod": "makefile"}
    assert template["Properties"]["CodeUri"] == f"{folder}/"
    dest.mkdir()
    words = (f"build-{name}", f"ARTIFACTS_DIR={dest}")
    done = run("make", *words, cwd=work / folder, env=installers)
    assert done.returncode == 0, done.stdout
    assert files <= {path.relative_to(dest).as_posix() for path in dest.rglob("*")}


def test_terraform_asks_slim_for_the_digest(tmp_path: Path) -> None:
    work = project(tmp_path, "terraform")
    shutil.copytree(work / "app", work / "function" / "app")
    text = (work / "function" / "function.tf").read_text()
    [named] = (block for each in hcl2.loads(text)["data"] for block in each.values())
    [data] = (body for name, body in named.items() if name.strip('"') == "app")
    query = {key: str(value).strip('"') for key, value in data["query"].items() if key[:2] != "__"}
    assert "--max 50MB" in query["options"]
    program = run(
        *("sh", "-c", 'printf %s "$1" | python3 slim_build.py', "sh", json.dumps(query)),
        cwd=work / "function",
    )
    answer = json.loads(program.stdout.splitlines()[-1])
    digest = hashlib.sha256((work / "function" / "app.zip").read_bytes()).digest()
    assert answer == {"zip": "app.zip", "code_sha256": base64.b64encode(digest).decode()}
    assert "data.external.app.result.code_sha256" in text
    failed = run(
        *("sh", "-c", 'printf %s "$1" | python3 slim_build.py', "sh"),
        json.dumps({**query, "options": "--max 10B"}),
        cwd=work / "function",
    )
    assert (failed.returncode, "over the cap" in failed.stdout) == (1, True)


def test_serverless_ships_the_artifacts_of_the_project(
    tmp_path: Path, installers: dict[str, str]
) -> None:
    work = project(tmp_path / "work", "serverless") / "functions"
    sources = EXAMPLES / "sam" / "functions"
    for name in ("orders", "shop"):
        shutil.copytree(sources / name / "src", work / name)
    for name in ("orders/requirements.txt", "shop/package.json", "shop/package-lock.json"):
        shutil.copy(sources / name, work)
    done = run("slim", "build", cwd=work, env=installers)
    assert done.returncode == 0, done.stdout
    for function in load_yaml(work / "serverless.yml")["functions"].values():
        assert zipfile.is_zipfile(work / function["package"]["artifact"])


def test_every_example_is_named_in_the_readme() -> None:
    text = (EXAMPLES / "README.md").read_text("utf-8")
    folders = [path.name for path in EXAMPLES.iterdir() if path.is_dir()]
    assert all(f"({folder}/)" in text for folder in folders)
