"""The layers that `slim build --split` writes, attached in their order, do what the tree did."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from tests.real.need import absent
from tests.support.command import slim
from tests.support.trees import write_tree
from tests.support.zips import zip_of
from trees import HERE, Unavailable, aws, wheels

pytestmark = [pytest.mark.real, pytest.mark.heavy]

RUNTIME = "python3.11"
USES = (HERE / "eight_uses.py").read_text("utf-8")
WORK = """\
import uses

def handler(event, context):
    frame = uses.pandas.DataFrame({"word": ["a", "b", "a"], "count": [1, 2, 3]})
    solved = uses.numpy.linalg.solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]).round(9).tolist()
    root = round(uses.scipy.optimize.brentq(lambda x: x * x - 4, 0, 3), 9)
    box = uses.Fernet(uses.Fernet.generate_key())
    secret = box.decrypt(box.encrypt(b"secret")).decode()
    counts = frame.groupby("word")["count"].sum().tolist()
    return [counts, solved, root, secret, uses.picture(), uses.page(), uses.link()]
"""
# A bucket's name of less than three characters is none of a host, so it is in the path.
ANSWER = [[4, 2], [0.8, 1.4], 2.0, "secret", [8, 8], {"a": 1}, "https://s3.amazonaws.com/b/k"]
PARTS = ("a", "b", "c")
SUMS = """\
import hashlib, importlib, pathlib

def handler(event, context):
    found = [importlib.import_module(name) for name in event]
    files = [pathlib.Path(each.__file__).with_name("data.bin").read_bytes() for each in found]
    return [hashlib.sha256(data).hexdigest() for data in files]
"""


@pytest.fixture(scope="module")
def client() -> str:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("the wheels are for Python 3.11, and another one runs the tests")
    try:
        return str(aws.python_client())
    except Unavailable as error:
        absent(str(error))


def split(work: Path, tree: str, *args: str) -> list[str]:
    """Return the names of the layers, in the order in which they are attached."""
    given = ("--split", "5", "--level", "1", "--json", "report.json", *args)
    done = slim("build", tree, "-o", "layer.zip", *given, cwd=work, process=True, timeout_s=900)
    assert done.code == 0, done.text
    report = json.loads((work / "report.json").read_text())
    return [artifact["name"] for artifact in report["artifacts"]]


def proven(work: Path, client: str, layers: list[str], *args: str) -> None:
    """Check and verify layers together with the function."""
    checked = slim("check", *layers, "--function", "fn.zip", cwd=work, process=True)
    assert checked.code == 0, checked.text
    given = ("--function", "fn.zip", "--runtime", RUNTIME, "--handler", "app.handler")
    run = ("--client", client, "--timeout", "300", *given, *args)
    done = slim("verify", *layers, *run, cwd=work, process=True, timeout_s=900)
    assert done.code == 0, done.text


def test_two_layers_of_seven_libraries_answer_together(tmp_path: Path, client: str) -> None:
    try:
        whole = wheels.layer(*wheels.EIGHT)
    except Unavailable as error:
        absent(str(error))
    top = whole / "python"  # all eight are over the cap of a function

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(folder) == top and name.startswith("pyarrow")]

    shutil.copytree(top, tmp_path / "tree/python", ignore=left_out, copy_function=os.link)
    layers = split(tmp_path, "tree")
    assert layers == ["layer-1.zip", "layer-2.zip"]
    zip_of(tmp_path / "fn.zip", {"app.py": WORK, "uses.py": USES})
    proven(tmp_path, client, layers, "--event", "{}", "--expect", json.dumps(ANSWER))


def test_three_layers_answer_together_and_not_without_one(tmp_path: Path, client: str) -> None:
    noise = random.Random(1)  # noqa: S311 - what does not compress
    files: dict[str, bytes] = {}
    for name in PARTS:
        files[f"python/{name}/__init__.py"] = b""
        files[f"python/{name}/data.bin"] = noise.randbytes(27_000_000)
        files[f"python/{name}-1.0.dist-info/METADATA"] = f"Name: {name}\nVersion: 1.0\n".encode()
        rows = (f"{name}/__init__.py", f"{name}/data.bin", f"{name}-1.0.dist-info/METADATA")
        files[f"python/{name}-1.0.dist-info/RECORD"] = "".join(
            f"{row},,\n" for row in rows
        ).encode()
    write_tree(tmp_path / "tree", files)
    layers = split(tmp_path, "tree")
    assert layers == ["layer-1.zip", "layer-2.zip", "layer-3.zip"]
    zip_of(tmp_path / "fn.zip", {"app.py": SUMS})
    sums = [hashlib.sha256(files[f"python/{name}/data.bin"]).hexdigest() for name in PARTS]
    event = ("--event", json.dumps(PARTS), "--expect", json.dumps(sums))
    proven(tmp_path, client, layers, *event)
    given = ("--function", "fn.zip", "--runtime", RUNTIME, "--handler", "app.handler")
    done = slim("verify", *layers[:2], "--client", client, *given, *event, cwd=tmp_path)
    assert done.code == 5, done.text
