"""Real wheels: what sounds like tests or docs and is run-time code is there and works."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import Build, build, unpack
from trees import wheels

pytestmark = pytest.mark.real

PINNED = (
    "numpy==2.2.6",
    "botocore==1.43.11",
    "jmespath==1.0.1",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
    "urllib3==2.5.0",
)
WORK = """
import importlib.metadata, json
import botocore.docs, botocore.session, numpy.testing
from numpy import *
import numpy
names = {}
exec("from numpy import *", names)
matrix = numpy.array([[2.0, 1.0], [1.0, 3.0]])
session = botocore.session.Session()
client = session.create_client(
    "s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
url = client.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
print(json.dumps({
    "solved": numpy.linalg.solve(matrix, [3.0, 5.0]).round(12).tolist(),
    "star": sorted(set(names) & {"linalg", "array", "testing"}),
    "url": url.split("?")[0],
    "version": importlib.metadata.version("numpy"),
    "help": "get_object" in client.get_object.__doc__,
}))
"""


@pytest.fixture(scope="module")
def original() -> Path:
    if sys.version_info[:2] != (3, 11):
        pytest.skip("its wheels are for Python 3.11, and another one runs the tests")
    return wheels.layer(*PINNED)


@pytest.fixture(scope="module", params=["default", "aggressive"])
def built(
    original: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Build]:
    folder = tmp_path_factory.mktemp("python")
    yield build(original, folder, "--tier", request.param, "--level", "1")
    shutil.rmtree(folder)


def answer(layer: Path) -> dict[str, object]:
    argv = [sys.executable, "-I", "-S", "-B", "-c"]
    code = f"import sys; sys.path.insert(0, {str(layer / 'python')!r})\n{WORK}"
    done = subprocess.run([*argv, code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_computes_what_it_did(original: Path, built: Build) -> None:
    assert built.status == 0, built.said
    before = answer(original)
    assert before["solved"] == [0.8, 1.4]
    assert answer(unpack(built.zip, built.folder / "layer")) == before


def test_the_guard_and_no_list_brings_back_what_star_imports_need(built: Build) -> None:
    rescued = {row["path"]: row["chain"] for row in built.report["rescues"]}
    assert "python/numpy/_core/tests/_natype.py" in rescued
    assert "python/numpy/testing/_private/utils.py needs" in "".join(rescued.values())
    back = sum(row["size_bytes"] for row in built.report["rescues"])
    assert back < built.report["kept"]["size_bytes"] / 100


def test_what_kept_code_imports_withstands_the_users_drop(original: Path, tmp_path: Path) -> None:
    drops = ["--drop", "python/botocore/docs/", "--drop", "python/numpy/testing/"]
    again = build(original, tmp_path / "out", "--level", "1", *drops)
    rescued = {row["path"] for row in again.report["rescues"]}
    assert {"python/botocore/docs", "python/numpy/testing"} <= rescued
    assert answer(unpack(again.zip, tmp_path / "layer")) == answer(original)


def test_metadata_and_licences_stay(original: Path, built: Build) -> None:
    def found(names: list[str]) -> set[str]:
        ends = ("/METADATA", "/entry_points.txt")
        return {n for n in names if n.endswith(ends) or "LICEN" in n.rpartition("/")[2]}

    paths = [p.relative_to(original).as_posix() for p in original.rglob("*") if p.is_file()]
    with zipfile.ZipFile(built.zip) as archive:
        assert found(archive.namelist()) == found(paths)
    assert found(paths)
