"""A cache at a location of fsspec's: S3, as moto's server has it, and one that is away."""

from pathlib import Path

import pytest

from tests.cache.test_cache import build, tree
from tests.support.aws import KEYS, REGION, client
from tests.support.command import slim

pytest.importorskip("obstore")
BUCKET = "builds"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    tree(tmp_path / "tree")
    return tmp_path


@pytest.fixture
def surroundings(endpoint: str) -> dict[str, str]:
    s3 = client("s3", endpoint)
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        where = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    return {**KEYS, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": endpoint}


def test_machines_share_a_bucket(
    work: Path, tmp_path: Path, endpoint: str, surroundings: dict[str, str]
) -> None:
    plain, _ = build(work, "--no-cache")
    other = tmp_path / "other machine"
    tree(other / "tree")
    for folder in (work, other):
        options = ("--cache", f"s3://{BUCKET}/slim")
        done = slim(
            "build", "tree", "-o", "a.zip", *options, cwd=folder, env=surroundings, process=True
        )
        assert done.code == 0, done.text
        assert "cache is not used" not in done.out
        assert (folder / "a.zip").read_bytes() == plain
    listed = client("s3", endpoint).list_objects_v2(Bucket=BUCKET)["Contents"]
    assert listed
    assert all(row["Key"].startswith("slim/") for row in listed)
    for row in listed:  # what is damaged there is not used
        client("s3", endpoint).put_object(Bucket=BUCKET, Key=row["Key"], Body=b"damaged")
    done = slim("build", "tree", "-o", "a.zip", *options, cwd=work, env=surroundings, process=True)
    assert done.code == 0, done.text
    assert (work / "a.zip").read_bytes() == plain


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("s3://no-such-bucket/slim", {}),
        ("s3://builds/slim", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}),
        ("nowhere://builds/slim", {}),
    ],
)
def test_a_location_that_is_no_good_is_told_once(
    work: Path, surroundings: dict[str, str], place: str, change: dict[str, str]
) -> None:
    plain, _ = build(work, "--no-cache")
    done = slim(
        *("build", "tree", "-o", "a.zip", "--cache", place),
        cwd=work,
        env={**surroundings, **change},
        process=True,
    )
    assert done.code == 0, done.text
    assert (work / "a.zip").read_bytes() == plain
    assert done.out.count("the cache is not used") == 1
    assert "Traceback" not in done.text
