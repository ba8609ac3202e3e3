"""A zip that is published has, for Lambda, the CodeSha256 and size that the report states.

moto answers as AWS's API does, and takes the digest of the bytes that reach it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws import client
from tests.support.command import slim
from tests.support.trees import write_tree

TREE = {"bootstrap": "#!/bin/sh\n", "lib/app.txt": "What the function reads.\n" * 400}


@pytest.fixture
def built(tmp_path: Path) -> tuple[bytes, dict[str, Any]]:
    """Give a zip's bytes, and what its report says of it."""
    write_tree(tmp_path / "runtime", TREE)
    outcome = slim("build", "runtime", "--json", "report.json", cwd=tmp_path)
    assert outcome.code == 0, outcome.text
    report = json.loads((tmp_path / "report.json").read_bytes())
    return (tmp_path / "runtime.zip").read_bytes(), report["artifacts"][0]


def test_a_published_layer(built: tuple[bytes, dict[str, Any]], endpoint: str) -> None:
    content, stated = built
    answer = client("lambda", endpoint).publish_layer_version(
        LayerName="runtime",
        Content={"ZipFile": content},
        CompatibleRuntimes=["provided.al2023"],
    )
    assert answer["Content"]["CodeSha256"] == stated["code_sha256"]
    assert answer["Content"]["CodeSize"] == stated["zip_bytes"]


def test_a_published_function(built: tuple[bytes, dict[str, Any]], endpoint: str) -> None:
    content, stated = built
    role = client("iam", endpoint).create_role(RoleName="app", AssumeRolePolicyDocument="{}")
    functions = client("lambda", endpoint)
    answer = functions.create_function(
        FunctionName="app",
        Runtime="provided.al2023",
        Role=role["Role"]["Arn"],
        Handler="app",
        Code={"ZipFile": content},
    )
    assert answer["CodeSha256"] == stated["code_sha256"]
    assert answer["CodeSize"] == stated["zip_bytes"]
    again = functions.update_function_code(FunctionName="app", ZipFile=content)
    assert again["CodeSha256"] == stated["code_sha256"]
