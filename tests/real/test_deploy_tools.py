"""The examples for SAM and CDK, run by SAM and CDK themselves."""

import hashlib
import io
import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from tests.support.aws import KEYS, REGION, client
from tests.support.examples import EXAMPLES, project, run, run_commands_of
from trees import tools

pytestmark = [pytest.mark.real, pytest.mark.heavy]  # 800 MB of tools

ZIPS = ("function.zip", "layer.zip")


# Not by PYTHONPATH: the slim that SAM starts would find SAM's packages.
SAM = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("samcli", None, "__main__")
"""


def sam(work: Path, *words: str, **env: str) -> str:
    """Run SAM in a project, and return what it said."""
    tool = tools.python_tool("sam", Path(__file__).with_name("sam.txt"))
    own = {"AWS_DEFAULT_REGION": REGION, "HOME": str(work.parent), "SAM_CLI_TELEMETRY": "0"}
    surroundings = {**tools.environment(), **KEYS, **own, **env}
    done = run("python", "-c", SAM, str(tool), *words, cwd=work, env=surroundings)
    assert done.returncode == 0, done.stdout
    return done.stdout


def synthesize(work: Path, **env: str) -> str:
    """Run a CDK app, and return what it prints; its template and assets go to ``out``."""
    tool = tools.python_tool("cdk", EXAMPLES / "cdk" / "requirements.txt")
    surroundings = {
        "CDK_OUTDIR": "out",
        "JSII_RUNTIME_PACKAGE_CACHE": "disabled",  # else it is left in the user's home
        "PATH": f"{tools.node()}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(tool),
        **env,
    }
    done = run("python", "app.py", cwd=work, env=surroundings)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("template", ["template.yaml", "zips.yaml"])
def test_sam_finds_its_templates_valid(template: str, tmp_path: Path) -> None:
    work = project(tmp_path / "work", "sam")
    assert "valid SAM Template" in sam(work, "validate", "--lint", "--template", template)


def uploaded_by_sam(work: Path, endpoint: str, bucket: str, *words: str) -> list[bytes]:
    """Return what ``sam package`` puts into a new bucket."""
    s3 = client("s3", endpoint)
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    sam(work, "package", "--s3-bucket", bucket, *words, AWS_ENDPOINT_URL=endpoint)
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]


def test_sam_ships_what_slim_made_with_copies_for_links(tmp_path: Path, endpoint: str) -> None:
    work = project(tmp_path / "work", "sam")
    sam(work, "build")
    members: dict[str, int] = {}
    for content in uploaded_by_sam(work, endpoint, "built"):
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            members |= {m.filename: m.external_attr >> 16 for m in opened.infolist()}
    assert sorted(members) == [
        "a name with spaces.txt",
        "app.txt",
        "bootstrap",
        "lib/libshop.so",
        "lib/libshop.so.1",
    ]
    assert members["bootstrap"] & stat.S_IXUSR
    assert not stat.S_ISLNK(members["lib/libshop.so"])  # as examples/README.md says


def test_sam_uploads_the_zips_as_they_are(tmp_path: Path, endpoint: str) -> None:
    work = project(tmp_path / "work", "sam")
    run_commands_of(work / "zips.yaml")
    uploaded = uploaded_by_sam(work, endpoint, "zips", "--template", "zips.yaml")
    assert set(uploaded) == {(work / name).read_bytes() for name in ZIPS}


def test_cdk_uploads_the_zips_as_they_are(tmp_path: Path) -> None:
    work = project(tmp_path, "cdk")
    run_commands_of(work / "app.py")
    synthesize(work)
    resources = json.loads((work / "out" / "App.template.json").read_bytes())["Resources"]
    codes = {
        resource["Type"]: resource["Properties"].get("Content") or resource["Properties"]["Code"]
        for resource in resources.values()
        if resource["Type"].startswith("AWS::Lambda::")
    }
    for kind, name in (("LayerVersion", "layer.zip"), ("Function", "function.zip")):
        asset = work / "out" / f"asset.{codes[f'AWS::Lambda::{kind}']['S3Key']}"
        assert zipfile.is_zipfile(asset)
        assert asset.read_bytes() == (work / name).read_bytes()


def test_cdk_bundles_functions_with_slim(tmp_path: Path) -> None:
    work = project(tmp_path, "cdk") / "functions"
    sources = EXAMPLES / "sam" / "functions"
    for name in ("orders", "shop"):
        shutil.copytree(sources / name / "src", work / name)
    for name in ("orders/requirements.txt", "shop/package.json", "shop/package-lock.json"):
        shutil.copy(sources / name, work)
    said = synthesize(work, XDG_CACHE_HOME=str(tmp_path / "cache"))
    told = {line.split()[1] for line in said.splitlines() if line.startswith("sha256 ")}
    assets = list((work / "out").glob("asset.*.zip"))
    assert {hashlib.sha256(asset.read_bytes()).hexdigest() for asset in assets} == told
    assert len(told) == 2
