"""An estimate is near what the build makes, and exact where a former build is remembered."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.command import slim

SOURCES = ("asyncio", "email", "http", "json", "unittest", "xml", "encodings", "ctypes")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with some of Python's own library, and what does not compress."""
    folder = tmp_path_factory.mktemp("estimate")
    library = Path(json.__file__).parent.parent
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "test*")
        shutil.copytree(library / name, folder / "tree" / name, ignore=ignored)
    (folder / "tree/noise.bin").write_bytes(bytes(x * x * 7919 % 251 for x in range(300_000)))
    return folder


def estimated(work: Path, *options: str) -> int:
    done = slim("build", "tree", "-o", "none.zip", "--estimate", *options, cwd=work)
    assert done.code == 0, done.text
    assert not (work / "none.zip").exists()
    (found,) = re.findall(r"about ([\d,]+) B zipped", done.out)
    return int(str(found).replace(",", ""))


def built(work: Path, *options: str) -> int:
    done = slim("build", "tree", "-o", "a.zip", *options, cwd=work)
    assert done.code == 0, done.text
    return (work / "a.zip").stat().st_size


@pytest.mark.parametrize("level", ["6", "10", "12"])
def test_an_estimate_is_within_two_percent(work: Path, level: str) -> None:
    options = ("--level", level, "--no-cache")
    size_bytes = built(work, *options)
    assert abs(estimated(work, *options) - size_bytes) <= 0.02 * size_bytes


def test_what_is_remembered_is_not_estimated(work: Path, tmp_path: Path) -> None:
    options = ("--cache", str(tmp_path / "cache"))
    size_bytes = built(work, *options)
    # Files below 1 KiB are not in the cache: they are estimated, and few.
    assert abs(estimated(work, *options) - size_bytes) <= 0.01 * size_bytes
    told = slim("build", "tree", "--estimate", *options, cwd=work).out
    (known,) = re.findall(r"([\d,]+) from the cache", told)
    assert int(known.replace(",", "")) > 100


def test_nothing_can_be_verified_of_an_estimate(work: Path) -> None:
    done = slim("build", "tree", "--estimate", "--verify", "{}", cwd=work)
    assert done.code == 2
    assert "--estimate writes no zip" in done.err
